"""How alike two vectors are. Pure, and without numpy: some fifty of them take less than a millisecond."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from operator import mul

from riverline.search.semantic.contracts import Vector


def numbers(vector: Vector) -> Sequence[int]:
    """The signed numbers of a vector."""
    return memoryview(vector).cast("b").tolist()


def cosine(one: Sequence[int], other: Sequence[int]) -> float:
    """1 for one direction, 0 for what has nothing in common."""
    lengths = sqrt(sum(map(mul, one, one)) * sum(map(mul, other, other)))
    return sum(map(mul, one, other)) / lengths if lengths else 0.0
