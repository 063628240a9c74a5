"""The rounds that this process crawls: one a target that it holds, each with its addresses on disk."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from riverline.crawl.contracts import StoredTarget
from riverline.crawl.targets import scope_of
from riverline.errors import Invalid
from riverline.model import Page, Target
from riverline.parsing.url import canonical, host_of
from riverline_crawler.scheduling.crawl_state import CrawlState
from riverline_crawler.scheduling.fetch_item import FetchItem
from riverline_crawler.scheduling.frontier import Frontier
from riverline_crawler.scheduling.url_store import UrlStore
from riverline_crawler.stats import CrawlStats

MOST_ROUNDS = 10  # of a target that are kept
MOST_REASONS, LONGEST_REASON = 20, 500  # and why pages were not read, with the first address of each


def now_ms() -> int:
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class Round:
    """One target's round. `open`: its addresses that have not ended."""

    entry: StoredTarget
    url_store: UrlStore
    open: int = 0
    begun: float = field(default_factory=time.monotonic)

    @property
    def target(self) -> Target:
        return self.entry.target

    def progress(self, counts: CrawlStats) -> dict[str, object]:
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
            **({"crawl_delay": counts.crawl_delay} if counts.crawl_delay else {}),
            "seconds": round(seconds, 1),
            "rate": round(counts.requested / seconds, 2) if seconds else 0.0,
            "reasons": {name: said[:LONGEST_REASON] for name, said in list(counts.reasons().items())[:MOST_REASONS]},
            "rounds": list(self.entry.progress.get("rounds", ()))[-MOST_ROUNDS:],
        }

    def ended(self, counts: CrawlStats, at_ms: int) -> dict[str, object]:
        """How it went, with those before it, the last one last."""
        found = self.progress(counts)
        own = {"at": at_ms, **{name: found[name] for name in ("fetched", "unchanged", "errors", "seconds")}}
        return found | {"rounds": [*found["rounds"], own][-MOST_ROUNDS:]}  # type: ignore[misc]


class Rounds(CrawlState):
    """The books of a crawl that goes on. `folder` holds a file a target; `frontier` is set before the first round."""

    frontier: Frontier

    def __init__(self, folder: Path, clock_ms: Callable[[], int] = now_ms) -> None:
        self._folder, self._now_ms = folder, clock_ms
        self.rounds: dict[str, Round] = {}
        self.held_until = math.inf  # seconds of the monotonic clock: until then the rounds are this crawler's alone

    def begin(self, entry: StoredTarget, now: float, again: bool = False) -> Round:
        """Begins a target's round, or goes on with it: what is due is queued, and its start addresses always are."""
        target = entry.target
        round_ = Round(entry, UrlStore(self._folder / f"{entry.id}.sqlite"))
        self.rounds[target.name] = round_
        resumed = round_.url_store.begin(scope_of(target), self._now_ms(), again)
        fresh = [url for url in self.frontier.starts(target) if not self._is_known(round_.url_store, url, resumed)]
        self.frontier.join(target, round_.url_store.keys(), round_.url_store.asked())
        for known in list(round_.url_store.waiting()):
            round_.open += 1
            visit = FetchItem(
                known.url, known.key, host_of(known.url), target, known.depth, known.redirects,
                etag=known.etag, last_modified=known.last_modified, digest=known.digest,
            )  # fmt: skip
            if not self.frontier.readd(visit, now):
                self.over(visit)
        for url in fresh:
            self.frontier.add(url, target, 0, now)
        round_.url_store.commit()
        return round_

    def let_go(self, name: str, ended: bool) -> None:
        """Closes a round's file: as ended, or as it is, so that the next holder of the target continues it."""
        round_ = self.rounds.pop(name)
        self.frontier.leave(name)
        if ended:
            round_.url_store.end()
        round_.url_store.close()

    def holds(self, now: float) -> bool:
        return now < self.held_until

    def is_open(self, visit: FetchItem) -> bool:
        return self._round(visit) is not None

    def added(self, visit: FetchItem) -> None:
        if round_ := self._round(visit):
            round_.open += 1
            round_.url_store.add(visit.key, visit.url, visit.depth, visit.redirects)

    def is_unchanged(self, visit: FetchItem, digest: str) -> bool:
        return bool(visit.digest) and visit.digest == digest

    def stored(self, visit: FetchItem, page: Page, digest: str) -> None:
        if round_ := self._ended(visit):
            interval = round_.target.interval
            round_.url_store.stored(visit.key, page.etag, page.last_modified, digest, interval, self._now_ms())

    def unchanged(self, visit: FetchItem) -> None:
        if round_ := self._ended(visit):
            round_.url_store.unchanged(visit.key, round_.target.interval, self._now_ms())

    def missing(self, visit: FetchItem) -> bool:
        round_ = self._round(visit)
        if round_ is None or round_.url_store.missing(visit.key):
            return round_ is not None
        round_.open -= 1
        return False

    def gone(self, visit: FetchItem) -> None:
        if round_ := self._ended(visit):
            round_.url_store.gone(visit.key, self._now_ms(), round_.target.interval)

    def passed(self, visit: FetchItem) -> None:
        if round_ := self._ended(visit):
            round_.url_store.passed(visit.key)

    def over(self, visit: FetchItem) -> None:
        if round_ := self._ended(visit):
            round_.url_store.over(visit.key)

    def _ended(self, visit: FetchItem) -> Round | None:
        round_ = self._round(visit)
        if round_:
            round_.open -= 1
        return round_

    def _round(self, visit: FetchItem) -> Round | None:
        """The round that a visit belongs to; None when it was let go meanwhile, even if it has begun anew."""
        round_ = self.rounds.get(visit.target.name)
        return round_ if round_ and round_.target is visit.target else None

    def _is_known(self, url_store: UrlStore, url: str, resumed: bool) -> bool:
        """Whether a start address is in the store; then it waits. A round that goes on has it already."""
        try:
            key = canonical(url)
        except Invalid:
            return False
        return url_store.wait(key)
