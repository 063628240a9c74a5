"""How a host is treated: how far apart requests are, when it is left alone. Pure; times are seconds of one clock."""

from __future__ import annotations

from dataclasses import dataclass
from email.utils import parsedate_to_datetime

MAX_CRAWL_DELAY = 30.0  # seconds; a longer one is cut to this
MAX_PAUSE = 600.0  # seconds; a longer Retry-After is cut to this
FIRST_PAUSE = 1.0  # seconds after the first failure in a row, doubled with each further one
BUSY = frozenset({429, 503})


@dataclass(slots=True)
class Pace:
    """When the next request to a host may start.

    A rate counts from start to start. A Crawl-delay counts from the end of the last answer, one request at a time: the
    stricter reading, which holds on the server's clock too, whatever the network adds.
    """

    interval: float  # seconds between requests, by the target's rate
    concurrency: int
    crawl_delay: float = 0.0  # by robots.txt
    ready_at: float = 0.0
    active: int = 0
    failures: int = 0  # in a row

    def join(self, rate: float, concurrency: int) -> None:
        """Another target visits the same host: the gentler of both counts."""
        self.interval = max(self.interval, 1 / rate)
        self.concurrency = min(self.concurrency, concurrency)

    def obey(self, crawl_delay: float | None, now: float) -> None:
        """What robots.txt asks for; counted from now, since its own fetch was a request too."""
        if crawl_delay and crawl_delay > 0:
            self.crawl_delay = min(crawl_delay, MAX_CRAWL_DELAY)
            self.concurrency = 1
            self.ready_at = max(self.ready_at, now + self.crawl_delay)

    @property
    def free(self) -> bool:
        return self.active < self.concurrency

    def started(self, now: float) -> None:
        self.active += 1
        self.ready_at = max(self.ready_at, now + self.interval)

    def ended(self, now: float) -> None:
        self.active -= 1
        if self.crawl_delay:
            self.ready_at = max(self.ready_at, now + self.crawl_delay)

    def worked(self) -> None:
        self.failures = 0

    def failed(self, now: float, retry_after: float | None = None) -> float:
        """The host is busy or away: left alone for what it asks, or longer each time. Gives the seconds."""
        pause = FIRST_PAUSE * 2**self.failures if retry_after is None else retry_after
        pause = min(pause, MAX_PAUSE)
        self.failures = min(self.failures + 1, 10)
        self.ready_at = max(self.ready_at, now + pause)
        return pause


def retry_after(header: str, wall_clock: float) -> float | None:
    """Seconds of a Retry-After header, which holds seconds or a date; None for nothing readable."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return float(text[:9])
    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - wall_clock)
    except (ValueError, TypeError, OverflowError):
        return None
