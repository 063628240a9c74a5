"""The rounds that this process crawls: one a target that it holds, each with its addresses on disk."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from crawler.books import Books
from crawler.counts import Counts
from crawler.frontier import Frontier
from crawler.shelf import Shelf
from crawler.visits import Visit
from riverline.crawling.ports import Entry
from riverline.crawling.targets import scope_of
from riverline.errors import Invalid
from riverline.model import Page, Target
from riverline.text.url import canonical, host_of


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class Round:
    """One target's round. `open`: its addresses that have not ended."""

    entry: Entry
    shelf: Shelf
    open: int = 0
    begun: float = field(default_factory=time.monotonic)

    @property
    def target(self) -> Target:
        return self.entry.target

    def progress(self, counts: Counts) -> dict[str, object]:
        """How far it is."""
        seconds = time.monotonic() - self.begun
        numbers = ("requested", "fetched", "acknowledged")
        return {
            **{name: getattr(counts, name) for name in numbers},
            "unchanged": counts.answers["not_modified"] + counts.answers["unchanged"],
            "gone": counts.answers["gone_for_good"],
            "refused": sum(counts.refused.values()),
            "errors": sum(counts.errors.values()),
            "retried": sum(counts.retried.values()),
            "waiting": self.open,
            "seconds": round(seconds, 1),
            "rate": round(counts.requested / seconds, 2) if seconds else 0.0,
        }


class Rounds(Books):
    """The books of a crawl that goes on. `folder` holds a file a target; `frontier` is set before the first round."""

    frontier: Frontier

    def __init__(self, folder: Path, clock_ms: Callable[[], int] = now_ms) -> None:
        self._folder, self._now_ms = folder, clock_ms
        self.rounds: dict[str, Round] = {}

    def begin(self, entry: Entry, now: float, again: bool = False) -> Round:
        """Begins a target's round, or goes on with it: what is due is queued, and its start addresses always are."""
        target = entry.target
        round_ = Round(entry, Shelf(self._folder / f"{entry.id}.sqlite"))
        self.rounds[target.name] = round_
        resumed = round_.shelf.begin(scope_of(target), self._now_ms(), again)
        fresh = [url for url in self.frontier.starts(target) if not self._is_known(round_.shelf, url, resumed)]
        self.frontier.join(target, round_.shelf.keys(), round_.shelf.asked())
        for known in list(round_.shelf.waiting()):
            round_.open += 1
            visit = Visit(
                known.url, known.key, host_of(known.url), target, known.depth, known.redirects,
                etag=known.etag, last_modified=known.last_modified, digest=known.digest,
            )  # fmt: skip
            if not self.frontier.readd(visit, now):
                self.over(visit)
        for url in fresh:
            self.frontier.add(url, target, 0, now)
        round_.shelf.commit()
        return round_

    def let_go(self, name: str, ended: bool) -> None:
        """Closes a round's file: as ended, or as it is, so that whoever takes the target over goes on with it."""
        round_ = self.rounds.pop(name)
        self.frontier.leave(name)
        if ended:
            round_.shelf.end()
        round_.shelf.close()

    def is_open(self, visit: Visit) -> bool:
        return self._round(visit) is not None

    def added(self, visit: Visit) -> None:
        if round_ := self._round(visit):
            round_.open += 1
            round_.shelf.add(visit.key, visit.url, visit.depth, visit.redirects)

    def is_unchanged(self, visit: Visit, digest: str) -> bool:
        return bool(visit.digest) and visit.digest == digest

    def stored(self, visit: Visit, page: Page, digest: str, own: str = "") -> None:
        if round_ := self._ended(visit):
            interval = round_.target.interval
            round_.shelf.stored(visit.key, page.etag, page.last_modified, digest, interval, self._now_ms(), own)

    def unchanged(self, visit: Visit) -> None:
        if round_ := self._ended(visit):
            round_.shelf.unchanged(visit.key, round_.target.interval, self._now_ms())

    def missing(self, visit: Visit) -> bool:
        round_ = self._round(visit)
        if round_ is None or round_.shelf.missing(visit.key):
            return round_ is not None
        round_.open -= 1
        return False

    def gone_keys(self, visit: Visit) -> list[str]:
        round_ = self._round(visit)
        own = round_.shelf.own_alone(visit.key) if round_ else ""
        return [visit.key, own] if own else [visit.key]

    def gone(self, visit: Visit) -> None:
        if round_ := self._ended(visit):
            round_.shelf.gone(visit.key, self._now_ms(), round_.target.interval)

    def passed(self, visit: Visit) -> None:
        if round_ := self._ended(visit):
            round_.shelf.passed(visit.key)

    def over(self, visit: Visit) -> None:
        if round_ := self._ended(visit):
            round_.shelf.over(visit.key)

    def _ended(self, visit: Visit) -> Round | None:
        round_ = self._round(visit)
        if round_:
            round_.open -= 1
        return round_

    def _round(self, visit: Visit) -> Round | None:
        """The round that a visit belongs to; None when it was let go meanwhile, even if it has begun anew."""
        round_ = self.rounds.get(visit.target.name)
        return round_ if round_ and round_.target is visit.target else None

    def _is_known(self, shelf: Shelf, url: str, resumed: bool) -> bool:
        """Whether a start address is on the shelf; then it waits. A round that goes on has it already."""
        try:
            key = canonical(url)
        except Invalid:
            return False
        return shelf.wait(key)
