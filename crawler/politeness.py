"""How a host is treated: how far apart requests are, when it is left alone. Pure; times are seconds of one clock."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime

MAX_CRAWL_DELAY = 30.0  # seconds; a longer one is cut to this
MAX_PAUSE = 600.0  # seconds; a longer Retry-After is cut to this
FIRST_PAUSE = 1.0  # seconds after the first failure in a row, doubled with each further one
DELAYED = 1.0  # seconds that a busy machine or a slow connection may hold a request up before it reaches the host
BUSY = frozenset({429, 503})


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

    def obey(self, crawl_delay: float | None, now: float) -> None:
        """What robots.txt asks for; counted from now, since its own fetch was a request too."""
        if crawl_delay and crawl_delay > 0:
            self.crawl_delay = max(self.crawl_delay, min(crawl_delay, MAX_CRAWL_DELAY))
            self.concurrency = 1
            self.hold(now + self.crawl_delay)

    def started(self, now: float) -> None:
        self.active += 1
        self.spaced_until = now + self.patience

    def ended(self, now: float) -> None:
        self.active -= 1
        if self.active == 0:
            self.spaced_until = now + max(self.interval, self.crawl_delay)

    def worked(self) -> None:
        self.failures = 0

    def failed(self, now: float, retry_after: float | None = None) -> float:
        """The host is busy or away: left alone for what it asks, or longer each time. Gives the seconds."""
        pause = min(FIRST_PAUSE * 2**self.failures if retry_after is None else retry_after, MAX_PAUSE)
        self.failures = min(self.failures + 1, 10)
        self.hold(now + pause)
        return pause

    def hold(self, until: float) -> None:
        """No request before then."""
        self.held_until = max(self.held_until, until)


def retry_after(header: str, wall_clock: float) -> float | None:
    """Seconds of a Retry-After header, which holds seconds or a date; None for nothing readable."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - wall_clock)
    except (ValueError, TypeError, OverflowError):
        return None
