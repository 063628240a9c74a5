"""The last step: documents and fates are collected and written in bulks; a tuple is done when its own item is written.

What is kept here until a flush is bounded by what Storm lets out of the spout (`topology.max.spout.pending`); while the
index is away nothing is acknowledged, so nothing more comes, and nothing is lost.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from riverline.errors import Fatal, Transient
from riverline.model import Document, Fate
from riverline.pipeline.contracts import PageLog
from riverline.pipeline.dead_letter_copies import DeadLetterCopies
from riverline.pipeline.document_groups import DocumentGroups
from riverline.pipeline.text_holders import TextHolders, text_key
from riverline.pipeline.text_succession import WITHDRAWN, TextSuccession
from riverline.search.contracts import Outcome, PipelineIndex, Written
from riverline.telemetry import Stage

SAME_TEXT = "text"  # the reason of a duplicate that ends here


Record = tuple[str, int]  # place and timestamp: a topic that was created again has other records at the same places


def record_of(fate: Fate) -> Record:
    """Which record a fate is of."""
    return fate.origin, fate.at


@dataclass(slots=True)
class PendingItem:
    """One record to be finished: its fate, and its document if it is to be indexed."""

    fate: Fate
    document: Document | None = None
    handles: list[str] = field(default_factory=list)
    size: int = 0
    since: float = 0.0  # when its first tuple came, by the clock

    @property
    def record(self) -> Record:
        return record_of(self.fate)


@dataclass(frozen=True, slots=True)
class BulkLimits:
    """When a bulk is written: so many items, bytes, or seconds after its first item."""

    count: int = 200
    bytes: int = 4 << 20
    seconds: float = 0.5
    longest_pause: float = 10.0


class Indexer:
    """Not thread-safe. `clock` counts seconds, monotonically."""

    def __init__(
        self,
        index: PipelineIndex,
        log: PageLog,
        limits: BulkLimits,
        clock: Callable[[], float],
        now_ms: Callable[[], int],
        telemetry: Stage | None = None,
    ) -> None:
        self.telemetry = telemetry or Stage("index", 0, clock)
        self.index, self.limits, self.clock, self.now_ms = index, limits, clock, now_ms
        self.groups, self.holders, self.dead_letter_copies = (
            DocumentGroups(index),
            TextHolders(index),
            DeadLetterCopies(log, now_ms),
        )
        self.succession = TextSuccession(index, log, self.holders)
        self._items: OrderedDict[Record, PendingItem] = OrderedDict()
        self._size = 0
        self._first_at = 0.0
        self._pause = 0.0
        self._not_before = 0.0

    def add(self, handle: str, fate: Fate, document: Document | None = None) -> None:
        """Takes one tuple. A record that comes again before it is written is done together with the first.

        It takes the place of the first, unless that has a document and this has none: what could be made of the record
        once is what it is, whatever went wrong the second time.
        """
        now = self.clock()
        if not self._items:
            self._first_at = now
        self.telemetry.count("in")
        before = self._items.get(record_of(fate))
        if before and before.document and not document:
            before.handles.append(handle)
            return
        size = len(document.body) if document else 0
        handles = [*before.handles, handle] if before else [handle]
        self._size += size - (before.size if before else 0)
        self._items[record_of(fate)] = PendingItem(fate, document, handles, size, before.since if before else now)

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

        Raises Transient when a server is away, Fatal when it is not set up: everything stays, and `due` is false for a
        while.
        """
        began = self.clock()
        try:
            batch = self._batch()
            self.succession.withdraw(_withdrawn([item.fate for item in batch]))
            items = self._settled(batch)
            self.dead_letter_copies.bury([item.fate for item in items if item.fate.outcome == "dead"])
            done = self._write(items)
            duplicates = [item.fate for item in items if item.fate.text_digest]
            self.succession.settle({fate.text_digest: fate.of for fate in duplicates})
        except (Transient, Fatal):
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

    def _count(self, began: float, items: Sequence[PendingItem], done: Sequence[PendingItem]) -> None:
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

    def _batch(self) -> list[PendingItem]:
        """The items of this flush. Of documents with one text only the first: the others wait to see it written."""
        texts: set[str] = set()
        batch = []
        for item in self._items.values():
            digest = text_key(item.document)
            if digest and digest in texts:
                continue
            texts.add(digest)
            batch.append(item)
        return batch

    def _settled(self, items: Sequence[PendingItem]) -> list[PendingItem]:
        """The second of the two keys: a document whose main text another one holds is a duplicate. What the index holds
        of its page from before is not what the page says now, and goes."""
        left = self.succession.left([item.document for item in items if item.document], self.now_ms())
        items = [_unless_it_left(item, left) for item in items]
        holders, leaving = self.holders.of([item.document for item in items if item.document])
        self.succession.leave(leaving.values())
        judged = [self._judged(item, item.document, holders, leaving) for item in items]
        for document in [before.document for before, after in zip(items, judged, strict=True) if not after.document]:
            if document and document.url in leaving:
                self.index.delete([document.url], document.crawled_at)
        return judged

    def _judged(
        self, item: PendingItem, document: Document | None, holders: Mapping[str, str], leaving: Collection[str]
    ) -> PendingItem:
        text = text_key(document)
        if document is None or not text or document.url not in holders:
            return item
        # the document that leaves may be this record's: then its fate must say so, too
        revision = 2 if document.url in leaving else 1
        fate = replace(item.fate, outcome="duplicate", reason=SAME_TEXT, of=holders[document.url], revision=revision)
        return replace(item, document=None, fate=replace(fate, text_digest=text))

    def _write(self, items: Sequence[PendingItem]) -> list[PendingItem]:
        with_document = [item for item in items if item.document]
        documents = self.groups.grouped([item.document for item in items if item.document])
        answers = self.index.write(documents, [item.fate for item in items])
        of_documents = {item.record: answer for item, answer in zip(with_document, answers, strict=False)}
        self._correct(with_document, of_documents)
        for document, answer in zip(documents, answers, strict=False):
            if answer.outcome is Outcome.WRITTEN:
                self.holders.wrote(document)
        return [
            item
            for item, of_fate in zip(items, answers[len(documents) :], strict=True)
            if _is_done(of_fate) and _is_done(of_documents.get(item.record, of_fate))
        ]

    def _correct(self, items: Sequence[PendingItem], answers: dict[Record, Written]) -> None:
        """Documents that the index will never take: dead letters after all, and their fates say so."""
        refused = [item.fate for item in items if answers[item.record].outcome is Outcome.INVALID]
        fates = [
            replace(
                fate, outcome="dead", reason="refused", stage="index", error=answers[record_of(fate)].error, revision=2
            )
            for fate in refused
        ]
        self.dead_letter_copies.bury(fates)
        if fates and not all(_is_done(answer) for answer in self.index.write([], fates)):
            raise Transient("the index did not take the fates of the documents that it refused")
        self.telemetry.count("dead", len(fates))

    def _finish(self, item: PendingItem) -> list[str]:
        kept = self._items.pop(item.record)
        self._size -= kept.size
        return kept.handles

    def _wait(self) -> None:
        self._pause = min(self.limits.longest_pause, self._pause * 2 or 0.25)
        self._not_before = self.clock() + self._pause


def _withdrawn(fates: Sequence[Fate]) -> dict[str, int]:
    """By its URL, when a page was last seen that is not to be in the index."""
    leaving = sorted((fate.fetched_at, fate.url) for fate in fates if fate.reason in WITHDRAWN)
    return {url: at for at, url in leaving}


def _unless_it_left(item: PendingItem, left: Mapping[str, int]) -> PendingItem:
    """Without its document where the page left the index later: then it is not brought back, as if it were stale."""
    if item.document and item.document.crawled_at < left.get(item.document.url, 0):
        return replace(item, document=None)
    return item


def _is_done(answer: Written) -> bool:
    return answer.outcome in (Outcome.WRITTEN, Outcome.STALE, Outcome.INVALID)
