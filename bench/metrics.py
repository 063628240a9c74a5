"""Measures of ranked answers, as trec_eval computes them: gain is the grade, discounted by log2(rank + 1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2
from random import Random

DEPTH = 10
FLIPS = 10_000  # random ones, to tell a difference from chance


@dataclass(frozen=True, slots=True)
class Measures:
    """Means over the queries that have a judgement."""

    ndcg: float
    mrr: float
    recall: float
    queries: int


@dataclass(frozen=True, slots=True)
class Difference:
    """Queries that one answers better (a higher nDCG) than the other, and worse; the probability that a difference of
    the means as great as this one, either way, is chance."""

    better: int
    worse: int
    chance: float


def compared(
    one: Mapping[str, Sequence[str]], other: Mapping[str, Sequence[str]], judged: Mapping[str, Mapping[str, int]]
) -> Difference:
    """Two sets of answers, query by query. Chance by a paired randomisation test: each query's two answers may as well
    be the other's, so the signs of the differences are flipped at random (the same way each time)."""
    gains = [
        ndcg(one.get(query, ())[:DEPTH], grades) - ndcg(other.get(query, ())[:DEPTH], grades)
        for query, grades in _relevant(judged).items()
    ]
    moved = [gain for gain in gains if abs(gain) > 1e-9]
    seen, random = abs(sum(moved)) - 1e-9, Random(1)
    as_great = sum(abs(sum(gain if random.random() < 0.5 else -gain for gain in moved)) >= seen for _ in range(FLIPS))
    return Difference(sum(gain > 0 for gain in moved), sum(gain < 0 for gain in moved), as_great / FLIPS)


def measured(answers: Mapping[str, Sequence[str]], judged: Mapping[str, Mapping[str, int]]) -> Measures:
    """Of each query's answer, best first, and its judged documents (grade above 0: relevant). No answer counts 0."""
    pairs = [(answers.get(query, ())[:DEPTH], grades) for query, grades in _relevant(judged).items()]
    n = len(pairs)
    return Measures(
        sum(ndcg(found, grades) for found, grades in pairs) / n,
        sum(reciprocal_rank(found, grades) for found, grades in pairs) / n,
        sum(len(set(found) & set(grades)) / len(grades) for found, grades in pairs) / n,
        n,
    )


def _relevant(judged: Mapping[str, Mapping[str, int]]) -> dict[str, dict[str, int]]:
    """The relevant documents of the queries that have some."""
    found = {query: {doc: grade for doc, grade in docs.items() if grade > 0} for query, docs in judged.items()}
    return {query: grades for query, grades in found.items() if grades}


def ndcg(found: Sequence[str], grades: Mapping[str, int]) -> float:
    """Normalised discounted cumulative gain of the first ten."""
    ideal = sorted(grades.values(), reverse=True)[:DEPTH]
    return _gain([grades.get(doc, 0) for doc in found]) / _gain(ideal)


def reciprocal_rank(found: Sequence[str], grades: Mapping[str, int]) -> float:
    """1 / the rank of the first relevant document; 0 without one."""
    return next((1 / rank for rank, doc in enumerate(found, 1) if doc in grades), 0.0)


def _gain(grades: Sequence[int]) -> float:
    return sum(grade / log2(rank + 1) for rank, grade in enumerate(grades, 1))
