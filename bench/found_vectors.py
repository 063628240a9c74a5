"""Vectors made when they are asked for: only a few documents of a collection are among the first 50 of a query."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache

from riverline.model import Document
from riverline.search.semantic.contracts import ChangedText, Embeddings, TextVector, Vectors
from riverline.search.semantic.filling import text

MOST_KEPT = 50_000  # texts whose vectors one process holds: collections share their documents


class FoundVectors:
    """The vectors of these documents, by their ids."""

    def __init__(self, documents: Mapping[str, Document], model: Embeddings) -> None:
        self._documents, self._model = documents, model

    def vectors(self, ids: Collection[str]) -> dict[str, TextVector]:
        found = {name: self._documents[name] for name in ids}
        texts = {name: text(ChangedText(name, one.title, one.body)) for name, one in found.items()}
        return {name: TextVector("", _vectors(self._model, told)) for name, told in texts.items()}


@lru_cache(MOST_KEPT)
def _vectors(model: Embeddings, told: str) -> Vectors:
    return model.of_document(told)
