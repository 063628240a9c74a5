"""The contracts of semantic search. `adapters/` implements them, `testing/` in memory; one suite tests both."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

Vector = bytes  # of signed numbers of 8 bits; only its direction means something
Vectors = Mapping[str, Vector]  # of one text, by the models that made them


@dataclass(frozen=True, slots=True)
class QueryVector:
    """The vector of a query, and the model that made it: another one's say nothing beside it."""

    model: str
    vector: Vector


@dataclass(frozen=True, slots=True)
class TextVector:
    """The vectors of a document. `of`: what they were made of, as `filling.digest` says."""

    of: str
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class ChangedText:
    """A document that was written, as far as a vector is made of it."""

    id: str
    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Changes:
    """Some documents that were written after a point. `point`: where to go on; the same point: there are no more."""

    texts: Sequence[ChangedText]
    point: str


class Embeddings(Protocol):
    """Texts as vectors, by one model or several: those of one model point the same way where the texts mean something
    alike. Thread-safe."""

    name: str  # changes with any of its models, so that vectors are made anew

    def of_query(self, text: str) -> QueryVector: ...

    def of_document(self, text: str) -> Vectors:
        """As much of the text is read as a model has room for."""


class VectorReader(Protocol):
    """Thread-safe."""

    def vectors(self, ids: Collection[str]) -> dict[str, TextVector]:
        """Those that are there, in real time, by the documents' ids. Raises Transient when the server is away."""


class VectorStore(VectorReader, Protocol):
    """The vectors of documents, by the documents' ids. All of it raises Transient when the server is away."""

    def put(self, vectors: Mapping[str, TextVector]) -> None:
        """In the place of what was there."""

    def changes(self, point: str) -> Changes:
        """The next documents that were written after that point, a few hundred at most; from the beginning for an empty
        point, and for one of another index. Some may come again."""

    def point(self) -> str:
        """That which was kept last; empty where none was."""

    def keep_point(self, point: str) -> None: ...

    def sweep(self, after: str) -> str:
        """Removes vectors whose documents are gone, among some hundreds after that id. Returns the id to go on
        after, empty at the end."""

    def forget(self) -> None:
        """Removes everything, so that all is made again."""
