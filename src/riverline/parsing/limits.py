"""What one page may cost: sizes, counts, depth and seconds. Beyond them a page is Invalid, never a worker's end."""

from __future__ import annotations

import math
import resource
import signal
import threading
import time
from types import FrameType, TracebackType

from riverline.errors import Invalid

MAX_BYTES = 8 * 1024 * 1024  # of a body; the crawler stops at 4 MiB, a body from elsewhere may be longer
MAX_TAGS = 150_000  # markup starts in a page: the trees of larger pages take seconds and hundreds of megabytes
SAFE_TAGS = 20_000  # with fewer tags than this even the worst nesting is parsed within half a second
MAX_DEPTH = 2_000  # open elements; browsers nest no deeper than 512, and the parser's time grows with the square
MAX_TEXT = 1_000_000  # characters of main text that are kept
MAX_TITLE = 300
MAX_SUMMARY = 500
MAX_LINKS = 2_000
MAX_SITEMAP_LINKS = 50_000  # the protocol's own limit
MAX_TAGS_KEPT = 15
MAX_SCRIPT = 1_000_000  # characters of one JSON-LD script
SECONDS = 5.0  # for one page, all steps together
AGAIN = 0.1  # seconds after which what has not stopped is interrupted again
FATAL_SECONDS = 30.0  # after which the process of a parser is ended


class deadline:
    """Stops what runs inside after `seconds` of the process's CPU time: Invalid, with the reason `too_slow`.

    CPU time, so that a loaded machine or a stopped process is no verdict on a page. What stops it is no Exception, so
    that libraries that catch those let it pass; one that catches everything gets it again after `AGAIN` seconds, and
    what it makes of the page then is not taken. After `fatal` seconds the kernel ends the process, be it in C code: for
    callers who notice that a page took their process down (0: never).

    It uses the process's profiling timer, which works in the main thread only (as in a bolt) and does nothing in
    others. A single call into C code is not cut short; the limits on size and depth keep those below a second.
    """

    def __init__(self, seconds: float = SECONDS, fatal: float = 0.0) -> None:
        self._seconds, self._fatal = seconds, fatal
        self._counts = threading.current_thread() is threading.main_thread()
        self._struck = False

    def __enter__(self) -> None:
        if self._counts:
            self._allowed = resource.getrlimit(resource.RLIMIT_CPU)
            if self._fatal:
                _, most = self._allowed
                resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(time.process_time() + self._fatal), most))
            self._before = signal.signal(signal.SIGPROF, self._strike)
            signal.setitimer(signal.ITIMER_PROF, self._seconds, AGAIN)

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._counts:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.signal(signal.SIGPROF, self._before)
            resource.setrlimit(resource.RLIMIT_CPU, self._allowed)
        if self._struck and (kind is None or issubclass(kind, (Exception, _TooSlow))):
            raise Invalid("the page took too long", reason="too_slow") from error

    def _strike(self, _signal: int, frame: FrameType | None) -> None:
        while frame is not None:
            if frame.f_code in _OWN:
                return  # what is inside has ended
            frame = frame.f_back
        self._struck = True
        raise _TooSlow


_OWN = (deadline.__enter__.__code__, deadline.__exit__.__code__)


class _TooSlow(BaseException):
    """Never seen outside of a deadline."""
