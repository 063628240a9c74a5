"""Which document holds a text, so that no text is indexed twice.

Every text is asked about, all of a bulk in one query. A search sees what was written a second ago; what this task wrote
since then is remembered, and what the task before it wrote is made visible once, at the first question. Each text comes
to one task alone, so nobody else writes it. Whatever is found is then confirmed by the documents themselves, in real
time: a holder may have been deleted since, or say something else now.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from riverline.model import Document
from riverline.newest import Newest
from riverline.search.contracts import DocumentStore, Stored

RECENT = 20_000  # texts written lately, which a search may not see yet
UNGROUPED = frozenset({"feed", "list"})  # they share texts with what they list: neither held back nor holders


def text_key(document: Document | None) -> str:
    """The digest that makes two documents one, or nothing where it must not."""
    return document.text_digest if document and document.content_type not in UNGROUPED else ""


class TextHolders:
    """Not thread-safe. What it asks the index raises Transient when that is away."""

    def __init__(self, index: DocumentStore) -> None:
        self._index = index
        self._recent: Newest[str, str] = Newest(RECENT)
        self._began = False

    def of(self, documents: Sequence[Document]) -> tuple[dict[str, str], dict[str, str]]:
        """For documents that are about to be written, no two of them of one text: by its URL, where another document
        holds the text of one; and by its URL, the text that the index holds of it as yet, where it will no more.

        One that is replaced by another text in the same breath, and is not newer than that, holds its text no more.
        """
        suspects = self._suspects([document for document in documents if text_key(document)])
        urls = {document.url for document in documents} | {url for _, urls in suspects for url in urls}
        stored = self._index.stored(sorted(urls))
        coming = {document.url: document for document in documents}
        holders = {}
        for document, candidates in suspects:
            held = (url for url in candidates if _holds(stored.get(url), document, coming.get(url)))
            if holder := next(held, None):
                holders[document.url] = holder
        return holders, {
            document.url: stored[document.url].text_digest
            for document in documents
            if document.url in stored and _leaves(stored[document.url], document, document.url in holders)
        }

    def held(self, texts: Collection[str]) -> set[str]:
        """Those of the texts that some document holds now."""
        if not texts:
            return set()
        candidates = self._candidates(texts)
        stored = self._index.stored(sorted({url for urls in candidates.values() for url in urls}))
        return {
            text
            for text, urls in candidates.items()
            if any(url in stored and stored[url].text_digest == text for url in urls)
        }

    def wrote(self, document: Document) -> None:
        """That a document was just written."""
        if key := text_key(document):
            self._recent.put(key, document.url)

    def _suspects(self, documents: Sequence[Document]) -> list[tuple[Document, list[str]]]:
        """Those documents whose text may stand under another URL, with the URLs to be looked at."""
        candidates = self._candidates([document.text_digest for document in documents]) if documents else {}
        found = [(d, [url for url in candidates[d.text_digest] if url != d.url]) for d in documents]
        return [(document, urls) for document, urls in found if urls]

    def _candidates(self, texts: Collection[str]) -> dict[str, list[str]]:
        if not self._began:
            self._index.refresh()
            self._began = True
        visible = self._index.holders(list(texts), UNGROUPED)
        return {text: [url for known in (self._recent, visible) if (url := known.get(text))] for text in texts}


def _holds(stored: Stored | None, document: Document, replacement: Document | None) -> bool:
    if stored is None or stored.text_digest != document.text_digest:
        return False
    return replacement is None or replacement.crawled_at < stored.crawled_at


def _leaves(stored: Stored, document: Document, is_duplicate: bool) -> bool:
    """Whether what is stored of a page goes: for another text, or since another document holds what it says now."""
    changed = stored.text_digest != document.text_digest
    return document.crawled_at >= stored.crawled_at and (changed or is_duplicate)
