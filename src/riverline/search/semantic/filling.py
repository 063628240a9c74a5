"""Makes the vectors of documents, beside the index: a document is found at once, its vector follows.

What was written since the last turn is read in the order in which it was written. A vector is made where there is none
of just that text, so that reading anything again costs little. Where the point is lost, or another model's, all
documents are read again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b

from riverline.search.semantic.contracts import ChangedText, Embeddings, TextVector, VectorStore

TURN_SECONDS = 2.0
BATCH = 16  # vectors that are kept at once: so many are lost where the process ends


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn did."""

    read: int = 0
    made: int = 0


class VectorFilling:
    """One turn at a time, in one process. `clock` counts seconds."""

    def __init__(self, store: VectorStore, embeddings: Embeddings, clock: Callable[[], float]) -> None:
        self._store, self._embeddings, self._clock = store, embeddings, clock
        self._swept = ""

    def turn(self) -> Turn:
        """Reads on until there is nothing left, or some seconds are over; then looks for vectors whose documents are
        gone, some at a time. Raises Transient."""
        end, done = self._clock() + TURN_SECONDS, Turn()
        point = self._point()
        while (changes := self._store.changes(point)).point != point:
            made = self._make(changes.texts)
            point = changes.point
            self._store.keep_point(f"{self._embeddings.name}\n{point}")
            done = Turn(done.read + len(changes.texts), done.made + made)
            if self._clock() >= end:
                return done
        self._swept = self._store.sweep(self._swept)
        return done

    def _point(self) -> str:
        """Where to go on; empty where another model came so far."""
        model, _, point = self._store.point().partition("\n")
        return point if model == self._embeddings.name else ""

    def _make(self, texts: Sequence[ChangedText]) -> int:
        wanted = {one.id: (digest(self._embeddings.name, one), one) for one in texts}
        stored = self._store.vectors(wanted)
        lacking = [(name, of, one) for name, (of, one) in wanted.items() if name not in stored or stored[name].of != of]
        for start in range(0, len(lacking), BATCH):
            some = lacking[start : start + BATCH]
            made = {name: TextVector(of, self._embeddings.of_document(text(one))) for name, of, one in some}
            self._store.put(made)
        return len(lacking)


def text(one: ChangedText) -> str:
    """What a vector is made of: the title, then the body."""
    return f"{one.title}\n{one.body}".strip()


def digest(model: str, one: ChangedText) -> str:
    """The same for the same text and model."""
    return blake2b(f"{model}\n{text(one)}".encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
