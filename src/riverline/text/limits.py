"""What one page may cost: sizes, counts, depth and seconds. Beyond them a page is Invalid, never a worker's end."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

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


@contextmanager
def deadline(seconds: float = SECONDS) -> Iterator[None]:
    """Stops what runs inside after `seconds` of the process's CPU time, by raising Invalid with the reason `too_slow`.

    CPU time, so that a loaded machine or a stopped process is no verdict on a page. It uses the process's profiling
    timer, which works in the main thread only (as in a bolt) and does nothing in others. A single call into C code is
    not cut short; the limits on size and depth keep those below a second.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGPROF, _too_slow)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def _too_slow(_signal: int, _frame: FrameType | None) -> None:
    raise Invalid("the page took longer than it may", reason="too_slow")
