"""Measures of ranked answers, as trec_eval computes them: gain is the grade, discounted by log2(rank + 1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2

DEPTH = 10


@dataclass(frozen=True, slots=True)
class Measures:
    """Means over the queries that have a judgement."""

    ndcg: float
    mrr: float
    recall: float
    queries: int


def measured(answers: Mapping[str, Sequence[str]], judged: Mapping[str, Mapping[str, int]]) -> Measures:
    """Of each query's answer, best first, and its judged documents (grade above 0: relevant). No answer counts 0."""
    relevant = {query: {doc: grade for doc, grade in docs.items() if grade > 0} for query, docs in judged.items()}
    asked = [query for query, docs in relevant.items() if docs]
    pairs = [(answers.get(query, ())[:DEPTH], relevant[query]) for query in asked]
    n = len(pairs)
    return Measures(
        sum(ndcg(found, grades) for found, grades in pairs) / n,
        sum(reciprocal_rank(found, grades) for found, grades in pairs) / n,
        sum(len(set(found) & set(grades)) / len(grades) for found, grades in pairs) / n,
        n,
    )


def ndcg(found: Sequence[str], grades: Mapping[str, int]) -> float:
    """Normalised discounted cumulative gain of the first ten."""
    ideal = sorted(grades.values(), reverse=True)[:DEPTH]
    return _gain([grades.get(doc, 0) for doc in found]) / _gain(ideal)


def reciprocal_rank(found: Sequence[str], grades: Mapping[str, int]) -> float:
    """1 / the rank of the first relevant document; 0 without one."""
    return next((1 / rank for rank, doc in enumerate(found, 1) if doc in grades), 0.0)


def _gain(grades: Sequence[int]) -> float:
    return sum(grade / log2(rank + 1) for rank, grade in enumerate(grades, 1))
