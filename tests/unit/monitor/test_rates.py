"""Rates from totals."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverline.monitoring.sample import Sample
from riverline_monitor.derived import NEVER, bottleneck, catch_up, complete, pressure
from riverline_monitor.rates import Rates


def test_a_total_that_is_met_first_has_no_rate():
    assert Rates().add(0, {"a": 5.0}) == {}


def test_the_rate_is_that_of_the_last_half_minute():
    rates = Rates()
    found = [rates.add(at * 1000, {"a": total}) for at, total in ((0, 0), (10, 100), (30, 300), (40, 300), (60, 300))]
    assert [round(one["a"], 2) for one in found[1:]] == [10.0, 10.0, 6.67, 0.0]


def test_a_total_that_starts_anew_counts_from_nothing():
    rates = Rates()
    rates.add(0, {"a": 1000.0})
    assert rates.add(10_000, {"a": 50.0}) == {"a": 5.0}


def test_a_total_that_comes_later_has_a_rate_of_its_own_time():
    rates = Rates()
    rates.add(0, {"a": 0.0})
    rates.add(10_000, {"a": 0.0, "b": 7.0})
    assert rates.add(20_000, {"a": 0.0, "b": 17.0})["b"] == 1.0


def test_what_is_born_while_somebody_looks_began_from_nothing():
    rates = Rates(born=True)
    assert rates.add(0, {"a": 1000.0}) == {}
    assert rates.add(10_000, {"a": 1000.0, "b": 50.0})["b"] == 5.0
    assert rates.add(20_000, {"a": 1000.0, "b": 50.0})["b"] == 2.5


@given(st.lists(st.tuples(st.integers(1, 10_000), st.integers(0, 10**6)), min_size=2, max_size=60))
def test_a_rate_is_never_below_nothing(steps):
    rates, at = Rates(), 0
    for pause, total in steps:
        at += pause
        assert all(rate >= 0 for rate in rates.add(at, {"a": float(total)}).values())


@pytest.mark.parametrize(
    ("lag", "inflow", "throughput", "seconds"),
    [(0, 5, 5, 0), (100, 5, 15, 10), (100, 15, 5, NEVER), (100, 5, 5, NEVER), (10**9, 0, 1, NEVER)],
)
def test_the_time_to_catch_up(lag, inflow, throughput, seconds):
    assert catch_up(lag, inflow, throughput) == seconds


def test_next_to_no_inflow_is_no_pressure():
    assert (pressure(0.05, 0.0), pressure(10, 5), pressure(5, 0)) == (0.0, 2.0, 50.0)


def test_the_busiest_stage_is_the_one_that_the_others_wait_for():
    assert bottleneck({"stage_busy/parse": 0.97, "stage_busy/tag": 0.6}) == "parse"
    assert bottleneck({"stage_busy/parse": 0.2, "lag": 5.0}) == ""


def test_what_follows_is_left_out_where_its_grounds_are_missing():
    assert dict(complete(Sample(1, {"lag": 4.0})).values) == {"lag": 4.0}
