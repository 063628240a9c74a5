"""The pace at a host: the time between requests, and pauses after failures. Pure; times are seconds of one clock."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime

AWAY_SECONDS = 1.0  # before those who give turns are asked again, when they did not answer
MAX_CRAWL_DELAY = 120.0  # seconds; a longer one is cut to this, unless the settings say otherwise
MAX_PAUSE = 600.0  # seconds; a longer Retry-After is cut to this
FIRST_PAUSE = 1.0  # seconds after the first failure in a row, doubled with each further one
DELAYED = 1.0  # seconds that a busy machine or a slow connection may hold a request up before it reaches the host
BUSY = frozenset({429, 503})
TOLERATED = 2  # different pages that may fail in a row before their host is taken to be failing itself
MAX_PAUSE_ANSWERED = 10.0  # seconds, for a host that still answers, if only with errors


@dataclass(slots=True)
class Pace:
    """When the next request to a host may start.

    The interval counts from the last answer, so that it holds on the server's clock too, whatever connecting and
    sending add. Only a host that leaves a request unanswered for its `patience` gets the next one beside it, up to its
    concurrency. A Crawl-delay counts from the last answer always, one request at a time.
    """

    interval: float  # seconds between requests, by the target's rate
    concurrency: int
    crawl_delay: float = 0.0  # by robots.txt
    held_until: float = 0.0
    spaced_until: float = 0.0
    active: int = 0
    failures: int = 0  # in a row
    held_for: str = ""  # why it is held, in a word

    @property
    def ready_at(self) -> float:
        return max(self.held_until, self.spaced_until)

    @property
    def patience(self) -> float:
        """Seconds from a request to the next one beside it: an interval and what may hold the first one up on its way,
        so that they reach the host an interval apart. At rates that only an own server bears it is less."""
        return self.interval + min(DELAYED, 10 * self.interval)

    @property
    def free(self) -> bool:
        return self.active < self.concurrency

    def set(self, rate: float, concurrency: int) -> None:
        """What the targets of the host allow; one request at a time where there is a crawl delay."""
        self.interval = 1 / rate
        self.concurrency = 1 if self.crawl_delay else concurrency

    def obey(self, crawl_delay: float | None, now: float, most: float = MAX_CRAWL_DELAY) -> None:
        """What robots.txt asks for; counted from now, since its own fetch was a request too."""
        if crawl_delay and crawl_delay > 0:
            self.crawl_delay = max(self.crawl_delay, min(crawl_delay, most))
            self.concurrency = 1
            self.hold(now + self.crawl_delay, "crawl_delay")

    def started(self, now: float) -> None:
        self.active += 1
        self.spaced_until = now + self.patience

    def ended(self, now: float) -> None:
        self.active -= 1
        if self.active == 0:
            self.spaced_until = now + max(self.interval, self.crawl_delay)

    def worked(self) -> None:
        self.failures = 0

    def failed(self, now: float, retry_after: float | None = None, why: str = "") -> float:
        """The host is busy or away: left alone for what it asks, or longer each time. Gives the seconds."""
        pause = min(FIRST_PAUSE * 2**self.failures if retry_after is None else retry_after, MAX_PAUSE)
        self.failures = min(self.failures + 1, 10)
        self.hold(now + pause, why)
        return pause

    def hold(self, until: float, why: str = "") -> None:
        """No request before then."""
        if until > self.held_until:
            self.held_until, self.held_for = until, why


@dataclass(frozen=True, slots=True)
class Failed:
    """Why a request brought nothing. `answered`: the host did, with an error; `limited`: it asks to be left alone;
    `reached`: the request, or a part of it, reached the host. `retry_after`: seconds, as the host asks."""

    reason: str
    answered: bool = False
    limited: bool = False
    reached: bool = True
    retry_after: float | None = None


def pause_after_pages(failed: int, answered: bool) -> float:
    """Seconds that a host is left alone when so many of its pages have failed in a row, with nothing that worked
    between them. `answered`: it still answered. Few failing pages say nothing about the others."""
    if failed <= TOLERATED:
        return 0.0
    return min(FIRST_PAUSE * 2.0 ** min(failed - TOLERATED - 1, 10), MAX_PAUSE_ANSWERED if answered else MAX_PAUSE)


def pause_of_page(tries: int, asked: float | None = None) -> float:
    """Seconds until a page that has failed so often before is asked for again."""
    return min(FIRST_PAUSE * 2.0 ** min(tries, 10) if asked is None else asked, MAX_PAUSE)


def retry_after(header: str, wall_clock: float) -> float | None:
    """Seconds of a Retry-After header, which holds seconds or a date; None for nothing readable."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - wall_clock)
    except (ValueError, TypeError, OverflowError):
        return None
