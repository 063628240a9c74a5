"""How alike two vectors are. Pure, and without numpy: some fifty of them take less than a millisecond."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import sqrt
from operator import mul

from riverline.search.semantic.contracts import QueryVector, TextVector, Vector


def numbers(vector: Vector) -> Sequence[int]:
    """The signed numbers of a vector."""
    return memoryview(vector).cast("b").tolist()


def likenesses(asked: QueryVector, held: Mapping[str, TextVector]) -> dict[str, float]:
    """The cosines of a query's vector and those of documents by the same model; nothing for what it did not read."""
    query = numbers(asked.vector)
    vectors = {name: one.vectors.get(asked.model) for name, one in held.items()}
    return {name: cosine(query, numbers(vector)) for name, vector in vectors.items() if vector}


def cosine(one: Sequence[int], other: Sequence[int]) -> float:
    """1 for one direction, 0 for what has nothing in common."""
    lengths = sqrt(sum(map(mul, one, one)) * sum(map(mul, other, other)))
    return sum(map(mul, one, other)) / lengths if lengths else 0.0
