"""When the document that holds a text leaves the index, a page that ended as its duplicate is processed again.

An article that moves is usually met at its new address first, where it is a duplicate, and is found to be gone from the
old one later; a page whose text changes leaves its copies behind in the same way. Unchanged pages are not fetched
again, so nothing but their records in Kafka brings the text back.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from riverline.errors import Invalid
from riverline.model import Document, Fate, Origin
from riverline.pipeline.contracts import PageLog
from riverline.pipeline.records import page_of
from riverline.pipeline.text_holders import TextHolders
from riverline.search.contracts import FateQuery, PipelineIndex

SAYING = frozenset({"indexed", "duplicate:unchanged", "duplicate:text", "filtered:gone", "filtered:noindex"})
WITHDRAWN = frozenset({"gone", "noindex"})  # reasons for which what is in the index of a page goes
LEAVING = frozenset({"filtered:gone", "filtered:noindex", "duplicate:text"})  # fates of pages that are not in the index
UNFORGOTTEN_MS = 10_000  # the index knows a deletion for so long at least: no restart of it is faster
TRIED = 3  # pages of one text: the newest may say something else by now, in a record on its way


class TextSuccession:
    """Not thread-safe. Everything raises Transient when a server is away, and may then be repeated."""

    def __init__(self, index: PipelineIndex, log: PageLog, holders: TextHolders) -> None:
        self._index, self._log, self._holders = index, log, holders
        self._lost: set[str] = set()

    def left(self, documents: Sequence[Document], now_ms: int) -> dict[str, int]:
        """For those of these URLs whose pages left the index: when the last page was fetched that said so.

        The index refuses what is older than a deletion, but knows that for a minute only, and not after a restart. What
        was sent again after a timeout is older than that, and so is a backlog. What was crawled just now is not asked
        about.
        """
        old = {one.url for one in documents if now_ms - one.crawled_at > UNFORGOTTEN_MS}
        fates = self._index.latest_fates(old, LEAVING) if old else {}
        return {url: fate.fetched_at for url, fate in fates.items()}

    def withdraw(self, leaving: Mapping[str, int]) -> None:
        """Removes the documents of these URLs, each as of its time."""
        if not leaving:
            return
        stored = self._index.stored(list(leaving))
        self.leave({one.text_digest for url, one in stored.items() if one.crawled_at <= leaving[url]})
        for url, at in leaving.items():
            self._index.delete([url], at)

    def leave(self, texts: Collection[str]) -> None:
        """To be said before the holders of these texts leave, so that a crash in between forgets nothing."""
        new = set(texts) - self._lost - {""}
        self._call(new, fresh=False)
        self._lost |= new

    def settle(self, ended: Mapping[str, str]) -> None:
        """To be said when a bulk is written. `ended`: texts of what ended there as a duplicate, and of which URL: where
        that has left meanwhile, it knew nothing of this copy."""
        stored = self._index.stored(sorted(set(ended.values()))) if ended else {}
        unheld = {text for text, url in ended.items() if url not in stored or stored[url].text_digest != text}
        texts = self._lost | unheld
        self._call(texts - self._holders.held(texts), fresh=True)
        self._lost.clear()

    def _call(self, texts: Collection[str], fresh: bool) -> None:
        """Writes records of pages that ended as duplicates of these texts anew."""
        if not texts:
            return
        copies: dict[str, list[Fate]] = defaultdict(list)
        for fate in self._index.copies(texts, fresh):
            if len(copies[fate.text_digest]) < TRIED and self._says_so_still(fate):
                copies[fate.text_digest].append(fate)
        origins = [Origin.parse(fate.origin) for fates in copies.values() for fate in fates]
        for record in self._log.records_at(origins) if origins else ():
            origin = Origin(record.topic, record.partition, record.offset)
            try:
                self._log.append(record.topic, replace(page_of(record), replay_of=str(origin)))
            except Invalid:
                continue
        if origins:
            self._log.flush()

    def _says_so_still(self, fate: Fate) -> bool:
        """Whether nothing newer is known of what the page says."""
        newest = self._index.fates(FateQuery(url=fate.url, limit=1)).items
        return not newest or newest[0].at <= fate.at or newest[0].name not in SAYING
