"""Which group a document belongs to: that of a document that says almost the same, if there is one.

Documents of a group are shown as one result; none is dropped. What was written a moment ago is not visible to a search
yet, so it is remembered here.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import replace

from riverline.model import Document
from riverline.stores.contracts import Index, Kin
from riverline.text.fingerprint import url_id
from riverline.text.near import SIMILAR, bands, similarity

RECENT = 2_000  # documents written lately
ALIKE = 20  # of those that share a band: a site may write thousands, and nearly any leads to the group


class Grouper:
    """Not thread-safe. What two tasks write in the same second they do not see of each other: it stays apart."""

    def __init__(self, index: Index) -> None:
        self.index = index
        self._recent: OrderedDict[str, list[Kin]] = OrderedDict()

    def grouped(self, documents: Sequence[Document]) -> list[Document]:
        """The documents with their groups. Raises Transient when the index cannot say."""
        keys = [bands(document.signature) for document in documents]
        asked = [key for key in keys if key]
        found = iter(self.index.kin(asked))
        visible = [next(found) if key else [] for key in keys]
        return [self._grouped(*one) for one in zip(documents, keys, visible, strict=True)]

    def _grouped(self, document: Document, keys: Sequence[str], visible: Iterable[Kin]) -> Document:
        kin = [*visible, *(one for key in keys for one in self._recent.get(key, ()))]
        near = [(similarity(document.signature, one.signature), one) for one in kin if one.url != document.url]
        closest = max(near, key=lambda pair: pair[0], default=None)
        placed = replace(document, group=closest[1].cluster) if closest and closest[0] >= SIMILAR else document
        self._remember(placed, keys)
        return placed

    def _remember(self, document: Document, keys: Sequence[str]) -> None:
        kin = Kin(document.url, document.group or document.text_digest or url_id(document.url), document.signature)
        for key in keys:
            alike = self._recent.setdefault(key, [])
            alike.append(kin)
            del alike[:-ALIKE]
            self._recent.move_to_end(key)
        while len(self._recent) > RECENT * max(len(keys), 1):
            self._recent.popitem(last=False)
