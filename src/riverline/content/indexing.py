"""The end of the way: documents and fates are collected, written in bulks, and each tuple is done when its own item is.

What is kept here until a flush is bounded by what Storm lets out of the spout (`topology.max.spout.pending`); while the
index is away nothing is acknowledged, so nothing more comes, and nothing is lost.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from riverline.content.deduplicate import Seen
from riverline.content.grouping import Grouper
from riverline.errors import Transient
from riverline.model import Document, Fate, Origin
from riverline.stores.contracts import Failure, Index, Outcome, PageLog, Written
from riverline.telemetry import Stage

SAME_TEXT = "text"  # the reason of a duplicate that ends here
RECENT = 20_000  # texts written lately, which a search may not see yet
UNGROUPED = frozenset({"feed", "list"})  # they share texts with what they list; never held back


@dataclass(slots=True)
class Item:
    """One record to be finished: its fate, and its document if it is to be indexed."""

    fate: Fate
    document: Document | None = None
    handles: list[str] = field(default_factory=list)
    size: int = 0
    since: float = 0.0  # when its first tuple came, by the clock


@dataclass(frozen=True, slots=True)
class Limits:
    """When a bulk is written: so many items, bytes, or seconds after its first item."""

    count: int = 200
    bytes: int = 4 << 20
    seconds: float = 0.5
    longest_pause: float = 10.0


class Indexer:
    """Not thread-safe. `clock` counts seconds, monotonically."""

    def __init__(
        self,
        index: Index,
        log: PageLog,
        seen: Seen,
        limits: Limits,
        clock: Callable[[], float],
        now_ms: Callable[[], int],
        telemetry: Stage | None = None,
    ) -> None:
        self.telemetry = telemetry or Stage("index", 0, clock)
        self.index, self.log, self.seen, self.limits, self.clock, self.now_ms = index, log, seen, limits, clock, now_ms
        self.grouper = Grouper(index)
        self._items: OrderedDict[str, Item] = OrderedDict()
        self._size = 0
        self._first_at = 0.0
        self._pause = 0.0
        self._not_before = 0.0
        self._recent: OrderedDict[str, str] = OrderedDict()

    def add(self, handle: str, fate: Fate, document: Document | None = None) -> None:
        """Takes one tuple. A record that comes again before it is written (a replay) takes the place of the first, and
        both tuples are done together."""
        size, now = len(document.body) if document else 0, self.clock()
        if not self._items:
            self._first_at = now
        before = self._items.get(fate.origin)
        handles = [*before.handles, handle] if before else [handle]
        self._size += size - (before.size if before else 0)
        self._items[fate.origin] = Item(fate, document, handles, size, before.since if before else now)
        self.telemetry.count("in")

    def __len__(self) -> int:
        return len(self._items)

    def due(self, idle: bool = False) -> bool:
        """Whether it is time to flush; `idle` says that nothing else waits to be read."""
        now = self.clock()
        if not self._items or now < self._not_before:
            return False
        full = len(self._items) >= self.limits.count or self._size >= self.limits.bytes
        return idle or full or now - self._first_at >= self.limits.seconds

    def flush(self) -> list[str]:
        """Writes what there is. Returns the handles of the tuples that are done; what is not stays for the next flush.

        Raises Transient when a server is away: everything stays, and `due` is false for a while.
        """
        began = self.clock()
        try:
            items = self._settled(self._batch())
            self._bury([item.fate for item in items if item.fate.outcome == "dead"])
            done = self._write(items)
        except Transient:
            self.telemetry.count("outages")
            self._wait()
            raise
        self._count(began, items, done)
        if len(done) < len(items):
            self._wait()
        else:
            self._pause = 0.0
        self._first_at = self.clock()
        return [handle for item in done for handle in self._finish(item)]

    def _count(self, began: float, items: Sequence[Item], done: Sequence[Item]) -> None:
        tell, now, now_ms = self.telemetry, self.clock(), self.now_ms()
        tell.count("bulks")
        tell.count("bulk_items", len(items))
        tell.set("bulk_size", len(items))
        tell.observe("bulk", now - began)
        tell.count("retried", len(items) - len(done))
        for item in done:
            tell.count("done", len(item.handles))
            tell.count("duplicate", item.fate.reason == SAME_TEXT)
            tell.observe("tuple", now - item.since)
            tell.observe("age", max(now_ms - item.fate.at, 0) / 1000)

    def _batch(self) -> list[Item]:
        """The items of this flush. Of documents with one text only the first: the others wait to see it written."""
        texts: set[str] = set()
        batch = []
        for item in self._items.values():
            digest = _text_key(item.document)
            if digest and digest in texts:
                continue
            texts.add(digest)
            batch.append(item)
        return batch

    def _settled(self, items: Sequence[Item]) -> list[Item]:
        """The second of the two keys: a document whose main text the index holds under another URL is a duplicate."""
        suspects = [key for item in items if (key := _text_key(item.document)) and bytes.fromhex(key) in self.seen]
        holders = dict(self.index.holders([key for key in suspects if key not in self._recent])) if suspects else {}
        holders |= {key: self._recent[key] for key in suspects if key in self._recent}
        return [self._judged(item, holders) for item in items]

    def _judged(self, item: Item, holders: dict[str, str]) -> Item:
        document = item.document
        holder = holders.get(_text_key(document))
        if document is None or holder is None or holder == document.url:
            return item
        return replace(item, document=None, fate=replace(item.fate, outcome="duplicate", reason=SAME_TEXT, of=holder))

    def _bury(self, fates: Sequence[Fate]) -> None:
        """Copies the records from their topics into the dead letters, before their fates are written."""
        for fate in fates:
            origin = Origin.parse(fate.origin)
            failure = Failure(origin, fate.stage, fate.error, fate.attempts, self.now_ms())
            for record in self.log.raw(origin.topic, origin.partition, origin.offset, origin.offset + 1):
                self.log.bury_raw(record, failure)
        if fates:
            self.log.flush()

    def _write(self, items: Sequence[Item]) -> list[Item]:
        for item in items:
            if item.fate.as_of:  # before the fate says so
                self.index.delete([item.fate.url], item.fate.as_of)
        with_document = [item for item in items if item.document]
        documents = self.grouper.grouped([item.document for item in items if item.document])
        answers = self.index.write(documents, [item.fate for item in items])
        of_documents = {item.fate.origin: answer for item, answer in zip(with_document, answers, strict=False)}
        self._correct(with_document, of_documents)
        for document, answer in zip(documents, answers, strict=False):
            if answer.outcome is Outcome.WRITTEN:
                self._remember(document)
        return [
            item
            for item, of_fate in zip(items, answers[len(documents) :], strict=True)
            if _is_done(of_fate) and _is_done(of_documents.get(item.fate.origin, of_fate))
        ]

    def _correct(self, items: Sequence[Item], answers: dict[str, Written]) -> None:
        """Documents that the index will never take: dead letters after all, and their fates say so."""
        refused = [item.fate for item in items if answers[item.fate.origin].outcome is Outcome.INVALID]
        fates = [
            replace(fate, outcome="dead", reason="refused", stage="index", error=answers[fate.origin].error, revision=2)
            for fate in refused
        ]
        self._bury(fates)
        if fates and not all(_is_done(answer) for answer in self.index.write([], fates)):
            raise Transient("the index did not take the fates of the documents that it refused")
        self.telemetry.count("dead", len(fates))

    def _remember(self, document: Document) -> None:
        key = _text_key(document)
        if not key:
            return
        self.seen.add(bytes.fromhex(key))
        self._recent.setdefault(key, document.url)
        while len(self._recent) > RECENT:
            self._recent.popitem(last=False)

    def _finish(self, item: Item) -> list[str]:
        kept = self._items.pop(item.fate.origin)
        self._size -= kept.size
        return kept.handles

    def _wait(self) -> None:
        self._pause = min(self.limits.longest_pause, self._pause * 2 or 0.25)
        self._not_before = self.clock() + self._pause


def _text_key(document: Document | None) -> str:
    """The digest that makes two documents one, or nothing where it must not."""
    return document.text_digest if document and document.content_type not in UNGROUPED else ""


def _is_done(answer: Written) -> bool:
    return answer.outcome in (Outcome.WRITTEN, Outcome.STALE, Outcome.INVALID)
