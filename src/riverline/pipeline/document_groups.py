"""Which group a document belongs to: that of a near-duplicate, if there is one.

Documents of a group are shown as one result; none is dropped. On one host only pages of equal title are grouped:
products and adverts that share their site's template say almost the same, and each is another. What was written a
moment ago is not visible to a search yet, so it is remembered here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from riverline.model import Document
from riverline.parsing.fingerprint import folded_text, url_id
from riverline.parsing.near_duplicates import are_near, bands, similarity
from riverline.parsing.url import same_host
from riverline.search.contracts import DocumentStore, NearDuplicate

RECENT = 2_000  # documents written lately
ALIKE = 20  # of those that share a band: a site may write thousands, and nearly any leads to the group


class DocumentGroups:
    """Not thread-safe. What two tasks write in the same second they do not see of each other: it stays apart."""

    def __init__(self, index: DocumentStore) -> None:
        self.index = index
        self._recent: OrderedDict[str, list[NearDuplicate]] = OrderedDict()

    def grouped(self, documents: Sequence[Document]) -> list[Document]:
        """The documents with their groups. Raises Transient when the index cannot say."""
        keys = [bands(document.signature) for document in documents]
        asked = [key for key in keys if key]
        found = iter(self.index.candidates(asked))
        visible = [next(found) if key else [] for key in keys]
        return [self._grouped(*one) for one in zip(documents, keys, visible, strict=True)]

    def _grouped(self, document: Document, keys: Sequence[str], visible: Iterable[NearDuplicate]) -> Document:
        candidates = [*visible, *(one for key in keys for one in self._recent.get(key, ()))]
        alike = [(similarity(document.signature, one.signature), one) for one in candidates if one.url != document.url]
        near = [pair for pair in alike if are_near(document.signature, pair[1].signature, pair[0])]
        apart = {one.cluster for _, one in near if _is_another(document, one)}
        joined = [pair for pair in near if pair[1].cluster not in apart]
        closest = max(joined, key=lambda pair: pair[0], default=None)
        placed = replace(document, group=closest[1].cluster) if closest else document
        self._remember(placed, keys)
        return placed

    def _remember(self, document: Document, keys: Sequence[str]) -> None:
        candidates = NearDuplicate(
            document.url,
            document.group or document.text_digest or url_id(document.url),
            document.signature,
            document.title,
        )
        for key in keys:
            alike = self._recent.setdefault(key, [])
            alike.append(candidates)
            del alike[:-ALIKE]
            self._recent.move_to_end(key)
        while len(self._recent) > RECENT * max(len(keys), 1):
            self._recent.popitem(last=False)


def _is_another(document: Document, near: NearDuplicate) -> bool:
    """Is that another page of the same host, by its title?"""
    return folded_text(document.title) != folded_text(near.title) and same_host(document.url, near.url)
