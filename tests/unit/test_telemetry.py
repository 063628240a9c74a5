"""What stages count, and what it comes to."""

import threading

import pytest

from riverline.settings import ROOT
from riverline.stages import BOUNDS, STAGES, Seconds, StageState, bucket, fresh_states, progress
from riverline.telemetry import METRICS, Stage


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


def told(stage: Stage, clock: Clock, until: float, each=lambda: None, at: int = 0) -> StageState:
    """The state after it was asked for every five seconds until then."""
    while clock.now < until:
        each()
        clock.now += 5
        state = stage.state(at)
    return state


def times(*seconds: float) -> Seconds:
    buckets = [0] * (len(BOUNDS) + 1)
    for one in seconds:
        buckets[bucket(one)] += 1
    return Seconds(len(seconds), sum(seconds), tuple(buckets))


@pytest.mark.parametrize("metric", METRICS, ids=lambda metric: metric.name)
def test_every_metric_is_explained_to_operators(metric):
    assert f"`{metric.series}`" in (ROOT / "docs/reference/monitoring.md").read_text()


def test_the_stages_are_the_components_of_the_topology():
    from topologies.content import Content

    assert {spec.name for spec in Content.specs} == set(STAGES)


def test_a_name_that_a_component_does_not_count_is_refused():
    with pytest.raises(KeyError):
        Stage("parse", 1).count("emitted")
    with pytest.raises(KeyError):
        Stage("parse", 1).set("lag", 3)


def test_all_that_a_stage_counts_is_there_from_the_start():
    state = Stage("parse", 3).state(5)
    assert (state.component, state.task, state.at, state.counts["dead"]) == ("parse", 3, 5, 0)
    assert state.seconds["tuple"].count == 0


def test_totals_grow_and_rates_are_of_the_last_half_minute(clock):
    stage = Stage("parse", 1, clock)
    told(stage, clock, 60, lambda: stage.count("in", 100))
    state = told(stage, clock, 90, lambda: stage.count("in", 10))
    assert state.counts["in"] == 1260
    assert state.rates["in"] == 2.0


def test_times_of_the_last_minute_forget_what_was_before(clock):
    stage = Stage("parse", 1, clock)
    stage.observe("tuple", 50.0)
    state = told(stage, clock, 90, lambda: stage.observe("tuple", 0.001))
    assert state.seconds["tuple"].count == 19
    assert state.minute["tuple"].count <= 13
    assert state.minute["tuple"].quantile(1.0) <= 0.001


def test_what_was_taken_in_and_not_answered_is_in_flight():
    stage = Stage("parse", 1)
    stage.count("in", 5)
    stage.count("done", 2)
    stage.count("failed")
    assert stage.state(0).gauges["in_flight"] == 2


def test_threads_count_together_what_they_count(clock):
    stage = Stage("parse", 1, clock)
    threads = [threading.Thread(target=lambda: [stage.count("in") for _ in range(5000)]) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stage.state(0).counts["in"] == 20_000


def test_a_state_survives_the_way_through_json(clock):
    stage = Stage("index", 7, clock)
    stage.observe("bulk", 0.2)
    state = stage.state(1_760_000_000_000)
    assert StageState.unpacked(state.packed()) == state


def test_what_is_no_state_or_too_old_is_not_told():
    young, old = Stage("tag", 1).state(100_000), Stage("tag", 2).state(60_000)
    other = StageState("of another program", 3, 100_000)
    packed = [young.packed(), old.packed(), other.packed(), b"no json", b"[]", b'{"component": "tag"}']
    assert fresh_states(packed, 100_001) == [young]


@pytest.mark.parametrize("share", [0.5, 0.99, 1.0])
def test_a_percentile_is_as_fine_as_its_bucket(share):
    values = [n / 1000 for n in range(1, 1001)]
    exact = values[int(share * 1000) - 1]
    assert exact / 1.8 <= times(*values).quantile(share) <= exact * 1.8


def test_nothing_has_no_percentile_and_no_mean():
    assert (Seconds().quantile(0.99), Seconds().mean) == (None, None)


def test_times_above_all_bounds_count_as_the_last():
    assert times(1000.0).quantile(0.5) == BOUNDS[-1]


def test_tasks_of_a_stage_are_told_together_and_stages_in_their_order():
    parse = [
        StageState(
            "parse",
            task,
            at=task,
            counts={"in": 9, "done": 7, "failed": 1, "dead": 2},
            gauges={"in_flight": 1},
            rates={"in": 1.5, "done": 1.0, "failed": 0.25},
            minute={"tuple": times(0.01 * task)},
        )
        for task in (3, 4)
    ]
    spout = StageState("pages", 1, 9, counts={"retries": 4, "polling_errors": 1}, gauges={"lag": 20, "in_flight": 5})
    first, second = progress([*parse, spout])
    assert (first.name, first.lag, first.retries, first.errors, first.latency_ms) == ("pages", 20, 4, 1, None)
    assert (second.name, second.tasks, second.rate, second.done_rate, second.error_rate) == ("parse", 2, 3.0, 2.0, 0.5)
    assert (second.in_flight, second.lag, second.errors, second.dead, second.at) == (2, None, 2, 4, 4)
    assert second.latency_ms == 35
    assert 32 <= second.p99_ms <= 56
