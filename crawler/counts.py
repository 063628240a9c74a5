"""What a crawl has done so far, counted by target."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Counts:
    """Of one target. `requested` leaves out robots.txt; `fetched` are answers with 200 that can be read."""

    requested: int = 0
    fetched: int = 0
    acknowledged: int = 0  # by the brokers: only these are safe
    bytes: int = 0
    refused: Counter[str] = field(default_factory=Counter)  # not asked for, by reason: robots, limit, depth, host, ...
    answers: Counter[str] = field(default_factory=Counter)  # not pages, by reason: not_found, gone, redirect, type, ...
    errors: Counter[str] = field(default_factory=Counter)  # given up, by reason: timeout, connection, status_500, ...
    retried: Counter[str] = field(default_factory=Counter)  # tried again, by reason
    first: dict[str, str] = field(default_factory=dict)  # by reason, the first address that it befell

    def __iadd__(self, other: Counts) -> Counts:
        for name in ("requested", "fetched", "acknowledged", "bytes", "refused", "answers", "errors", "retried"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.first = other.first | self.first
        return self

    def plain(self) -> dict[str, object]:
        """For JSON."""
        numbers: dict[str, object] = {
            "requested": self.requested,
            "fetched": self.fetched,
            "acknowledged": self.acknowledged,
            "bytes": self.bytes,
        }
        tables = {name: dict(getattr(self, name)) for name in ("refused", "answers", "errors", "retried")}
        return numbers | tables | {"first": dict(self.first)}

    def reasons(self) -> dict[str, str]:
        """Why pages are not there, or without their text: of each reason the first address, and how many it has."""
        found = self.refused + self.errors + self.answers
        return {name: f"{url} ({max(1, found[name])})" for name, url in self.first.items()}


@dataclass(slots=True)
class Report:
    """The whole crawl."""

    targets: dict[str, Counts] = field(default_factory=dict)
    topics: set[str] = field(default_factory=set)  # that records were written to
    seconds: float = 0.0
    waiting: int = 0  # addresses that are known and not visited yet
    in_flight: int = 0
    paused: int = 0  # times that the servers which give turns did not answer
    reason: str = ""  # why it ended: finished, shutdown

    def of(self, target: str) -> Counts:
        return self.targets.setdefault(target, Counts())

    @property
    def total(self) -> Counts:
        sum_ = Counts()
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
