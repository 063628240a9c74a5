"""Vectors made when they are asked for: only a few documents of a collection are among the first 50 of a query."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache

from riverline.model import Document
from riverline.search.semantic.contracts import ChangedText, Embeddings, QueryVector, TextVector, Vectors
from riverline.search.semantic.filling import text

MOST_KEPT = 50_000  # texts whose vectors are held: collections share their documents


class KeptEmbeddings:
    """A model that reads a document once."""

    def __init__(self, model: Embeddings) -> None:
        self.name = model.name
        self._model = model
        self._of_document = lru_cache(MOST_KEPT)(model.of_document)

    def of_query(self, text: str) -> QueryVector:
        return self._model.of_query(text)

    def of_document(self, text: str) -> Vectors:
        return self._of_document(text)


class FoundVectors:
    """The vectors of these documents, by their ids."""

    def __init__(self, documents: Mapping[str, Document], model: Embeddings) -> None:
        self._documents, self._model = documents, model

    def vectors(self, ids: Collection[str]) -> dict[str, TextVector]:
        found = {name: self._documents[name] for name in ids}
        texts = {name: text(ChangedText(name, one.title, one.body)) for name, one in found.items()}
        return {name: TextVector("", self._model.of_document(told)) for name, told in texts.items()}
