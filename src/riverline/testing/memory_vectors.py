"""Vectors in memory, beside an index in memory, and a model that counts words: for tests of what uses them."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Mapping, Sequence

from riverline.model import Document
from riverline.parsing.fingerprint import folded_text, url_id
from riverline.search.semantic.contracts import ChangedText, Changes, QueryVector, TextVector, Vectors

READ = 3  # documents of one answer
SWEPT = 3
SIZE = 64


class MemoryVectors:
    """Not thread-safe. `written`: all documents that were written, in that order; `stands`: if one is still there."""

    def __init__(self, written: Sequence[Document] = (), stands: Callable[[Document], bool] = lambda _: True) -> None:
        self._written, self._stands = written, stands
        self._vectors: dict[str, TextVector] = {}
        self._point = ""

    def vectors(self, ids: Collection[str]) -> dict[str, TextVector]:
        return {name: self._vectors[name] for name in ids if name in self._vectors}

    def put(self, vectors: Mapping[str, TextVector]) -> None:
        self._vectors |= vectors

    def changes(self, point: str) -> Changes:
        read = int(point or 0)
        some = self._written[read : read + READ]
        texts = [ChangedText(url_id(one.url), one.title, one.body) for one in some if self._stands(one)]
        return Changes(texts, str(read + len(some)) if some else point)

    def point(self) -> str:
        return self._point

    def keep_point(self, point: str) -> None:
        self._point = point

    def sweep(self, after: str) -> str:
        there = {url_id(one.url) for one in self._written if self._stands(one)}
        some = sorted(name for name in self._vectors if name > after)[:SWEPT]
        for name in set(some) - there:
            del self._vectors[name]
        return some[-1] if len(some) == SWEPT else ""

    def forget(self) -> None:
        self._vectors.clear()
        self._point = ""


class WordEmbeddings:
    """A text is how often it says each word; two words may be told to mean the same."""

    name = "words"

    def __init__(self, same: Mapping[str, str] | None = None) -> None:
        self._same = same or {}
        self.asked: list[str] = []

    def of_query(self, text: str) -> QueryVector:
        return QueryVector(self.name, self._of(text))

    def of_document(self, text: str) -> Vectors:
        return {self.name: self._of(text)}

    def _of(self, text: str) -> bytes:
        self.asked.append(text)
        numbers = [0] * SIZE
        for word in folded_text(text).split():
            place = zlib.crc32(self._same.get(word, word).encode()) % SIZE
            numbers[place] = min(127, numbers[place] + 1)
        return bytes(numbers)
