"""What a collection's answers are measured by."""

from __future__ import annotations

import pytest

from bench.metrics import compared, measured

JUDGED = {str(number): {"right": 2, "near": 1, "wrong": 0} for number in range(20)}
BEST, GOOD, POOR = ["right", "near"], ["near", "right"], ["wrong"]


def answers(*found: list[str]) -> dict[str, list[str]]:
    return {str(number): one for number, one in enumerate(found)}


def test_the_best_order_measures_one_and_no_answer_nothing() -> None:
    every = measured(answers(*[BEST] * 20), JUDGED)
    assert (every.ndcg, every.mrr, every.recall, every.queries) == (1, 1, 1, 20)
    half = measured(answers(*[BEST] * 10), JUDGED)
    assert (half.ndcg, half.mrr, half.recall, half.queries) == (0.5, 0.5, 0.5, 20)
    # 1/log2(2) + 2/log2(3) of 2/log2(2) + 1/log2(3)
    assert measured(answers(*[GOOD] * 20), JUDGED).ndcg == pytest.approx(0.8597, abs=1e-4)


def test_a_difference_in_every_query_is_not_by_chance_and_one_of_few_may_be() -> None:
    clear = compared(answers(*[BEST] * 20), answers(*[POOR] * 20), JUDGED)
    assert (clear.better, clear.worse) == (20, 0) and clear.chance < 0.001
    doubtful = compared(answers(*[BEST] * 18, GOOD, GOOD), answers(*[BEST] * 19, POOR), JUDGED)
    assert (doubtful.better, doubtful.worse) == (1, 1) and doubtful.chance > 0.4
    assert compared(answers(BEST), answers(BEST), JUDGED).chance == 1
