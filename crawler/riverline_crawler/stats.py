"""What a crawl has done so far, counted by target."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from riverline_crawler.scheduling.fetch_item import Wait

MOST_STARTS = 100  # start addresses of a target that are named
READ_ALL_THE_SAME = ("not_modified", "unchanged", "gone_for_good", "no_keyword", "search_page")


@dataclass(slots=True)
class CrawlStats:
    """Of one target. `requested` leaves out robots.txt; `fetched` are answers with 200 that can be read."""

    requested: int = 0
    fetched: int = 0
    acknowledged: int = 0  # by the brokers: only these are safe
    bytes: int = 0
    crawl_delay: float = 0.0  # seconds between requests that a host of it asks for, the most
    refused: Counter[str] = field(default_factory=Counter)  # not asked for, by reason: robots, limit, depth, host, ...
    answers: Counter[str] = field(default_factory=Counter)  # not pages, by reason: not_found, gone, redirect, type, ...
    errors: Counter[str] = field(default_factory=Counter)  # given up, by reason: timeout, connection, status_500, ...
    retried: Counter[str] = field(default_factory=Counter)  # tried again, by reason
    first: dict[str, str] = field(default_factory=dict)  # by reason, the first address that it befell
    starts: dict[str, str] = field(default_factory=dict)  # start addresses that brought nothing, with the reason

    def refuse(self, reason: str, url: str, start: bool = False) -> None:
        """An address that is not asked for."""
        self.refused[reason] += 1
        self._note(reason, url, start)

    def gave_up(self, reason: str, url: str, start: bool = False) -> None:
        """An address that was requested without success."""
        self.errors[reason] += 1
        self._note(reason, url, start)

    def ended(self, reason: str, url: str, start: bool = False) -> None:
        """An answer that holds no page to keep."""
        self.answers[reason] += 1
        self._note(reason, url, start)

    def _note(self, reason: str, url: str, start: bool) -> None:
        self.first.setdefault(reason, url)
        if start and len(self.starts) < MOST_STARTS:
            self.starts.setdefault(url, reason)

    @property
    def read(self) -> int:
        """Pages that were read, kept or not, and those that are as they were."""
        return self.fetched + sum(self.answers[reason] for reason in READ_ALL_THE_SAME)

    @property
    def failed(self) -> bool:
        """Whether its target failed: no page of it was read, or one that was read is not safe."""
        return not self.read or self.acknowledged < self.fetched

    def __iadd__(self, other: CrawlStats) -> CrawlStats:
        for name in ("requested", "fetched", "acknowledged", "bytes", "refused", "answers", "errors", "retried"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.crawl_delay = max(self.crawl_delay, other.crawl_delay)
        self.first = other.first | self.first
        self.starts = other.starts | self.starts
        return self

    def plain(self) -> dict[str, object]:
        """For JSON."""
        numbers: dict[str, object] = {
            "requested": self.requested,
            "fetched": self.fetched,
            "acknowledged": self.acknowledged,
            "bytes": self.bytes,
            "crawl_delay": self.crawl_delay,
        }
        tables = {name: dict(getattr(self, name)) for name in ("refused", "answers", "errors", "retried")}
        return numbers | tables | {"first": dict(self.first), "starts": dict(self.starts)}

    def reasons(self) -> dict[str, str]:
        """Why pages are not there, or without their text: of each reason the first address, and how many it has."""
        found = self.refused + self.errors + self.answers
        return {name: f"{url} ({max(1, found[name])})" for name, url in self.first.items()}


@dataclass(slots=True)
class Report:
    """The whole crawl."""

    targets: dict[str, CrawlStats] = field(default_factory=dict)
    topics: set[str] = field(default_factory=set)  # that records were written to
    seconds: float = 0.0
    waiting: int = 0  # addresses that are known and not visited yet
    in_flight: int = 0
    paused: int = 0  # times that the servers which give turns did not answer
    reason: str = ""  # why it ended: finished, shutdown
    waits: list[Wait] = field(default_factory=list)  # hosts whose pages wait, the longest pause first

    def of(self, target: str) -> CrawlStats:
        """Its counts, from nothing where there are none yet. Asked for each link."""
        held = self.targets.get(target)
        if held is None:
            held = self.targets[target] = CrawlStats()
        return held

    @property
    def total(self) -> CrawlStats:
        sum_ = CrawlStats()
        for counts in self.targets.values():
            sum_ += counts
        return sum_

    def plain(self) -> dict[str, object]:
        """For JSON."""
        return {
            "seconds": round(self.seconds, 3),
            "reason": self.reason,
            "waiting": self.waiting,
            "topics": len(self.topics),
            "total": self.total.plain(),
            "targets": {name: counts.plain() for name, counts in sorted(self.targets.items())},
        }
