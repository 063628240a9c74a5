"""Whether a quantity grows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support import slope


@given(st.floats(1, 1e9), st.floats(-50, 50))
def test_a_straight_line_has_its_own_slope(mean: float, percent: float) -> None:
    per_second = mean * percent / 100 / slope.HOUR
    samples = [(float(at), mean + per_second * (at - 1800)) for at in range(0, 3601, 10)]
    assert slope.per_hour(samples) == pytest.approx(percent, abs=1e-6)


def test_too_few_samples_tell_nothing() -> None:
    assert slope.per_hour([(0, 1), (1, 100)]) == 0


@pytest.mark.parametrize(
    ("values", "grows"),
    [([5] * 40, False), (list(range(40)), False), ([40 * at for at in range(40)], True), ([900, *[5] * 39], False)],
)
def test_a_queue_grows_when_it_is_long_and_twice_what_it_was(values: list[int], grows: bool) -> None:
    assert slope.grows([(at * 10.0, value) for at, value in enumerate(values)], least=100) == grows


def test_of_little_the_growth_is_measured_against_more() -> None:
    samples = [(float(at), 10 + at / slope.HOUR) for at in range(0, 3601, 10)]
    assert slope.per_hour(samples, least=100) == pytest.approx(1.0)
