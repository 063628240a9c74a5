"""What is made larger when pages wait, smaller when they do not; never twice in a pause, never beyond its bounds."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from riverline.errors import Transient
from riverline.monitoring.sample import Sample
from riverline.settings import Settings
from riverline.testing.memory_incidents import MemoryIncidents
from riverline_monitor.autoscaler import Autoscaler, policy_of, seen_in
from riverline_monitor.scaling_policy import (
    CELERY,
    DATA_NODE,
    SUPERVISOR,
    WORKER_HOST,
    Bounds,
    Observation,
    Policy,
    ScalingState,
    decided,
)

POLICY = Policy({"parse": Bounds(2, 8), "tag": Bounds(1, 2)}, Bounds(2, 4), out_after=15.0, pause=90.0)
LAGGING = Observation(0.0, lag=500.0, bottleneck="parse", executors={"parse": 2, "tag": 1}, pool=2, cpu=0.5)
IDLE = replace(LAGGING, lag=0.0, bottleneck="")


class Plant:
    """What is decided takes effect at once."""

    def __init__(self, policy=POLICY):
        self.policy, self.state, self.at = policy, ScalingState(), 0.0
        self.executors, self.pool = {"parse": 2, "tag": 1}, 2
        self.steps, self.limits = [], []

    def see(self, seen, seconds=5.0):
        """For so long, each five seconds."""
        for _ in range(int(seconds / 5)):
            now = replace(seen, at=self.at, executors=dict(self.executors), pool=self.pool)
            self.state, decision = decided(self.policy, self.state, now)
            if decision.step:
                self.steps.append((self.at, decision.step))
                if decision.step.what == CELERY:
                    self.pool = decision.step.after
                else:
                    self.executors[decision.step.what] = decision.step.after
            if decision.limited:
                self.limits.append(decision.limited)
            self.at += 5.0
        return self

    @property
    def changes(self):
        return [(step.what, step.before, step.after) for _, step in self.steps]


def test_lag_that_lasts_makes_the_slowest_stage_larger_with_a_reason():
    plant = Plant().see(LAGGING, 25)
    ((at, step),) = plant.steps
    assert (at, step.what, step.before, step.after) == (15.0, "parse", 2, 4)
    assert "500 records have waited" in step.reason


def test_a_short_lag_changes_nothing():
    assert Plant().see(LAGGING, 15).see(IDLE, 30).see(LAGGING, 15).steps == []


def test_what_is_drained_soon_needs_nothing():
    assert Plant().see(replace(LAGGING, draining=True), 300).steps == []


def test_it_grows_again_after_a_pause_up_to_its_bound_and_then_says_what_to_add():
    plant = Plant().see(LAGGING, 400)
    assert plant.changes == [("parse", 2, 4), ("parse", 4, 8)]
    assert plant.steps[1][0] - plant.steps[0][0] >= POLICY.pause
    assert set(plant.limits) == {SUPERVISOR}


def test_where_the_processors_are_busy_nothing_grows_and_the_limit_is_named():
    plant = Plant().see(replace(LAGGING, cpu=0.99), 300)
    assert (plant.steps, set(plant.limits)) == ([], {SUPERVISOR})


def test_where_the_index_is_the_slowest_a_data_node_is_named():
    plant = Plant().see(replace(LAGGING, bottleneck="index"), 60)
    assert (plant.steps, set(plant.limits)) == ([], {DATA_NODE})


def test_while_no_stage_is_the_slowest_nothing_is_guessed():
    plant = Plant().see(replace(LAGGING, bottleneck=""), 300)
    assert (plant.steps, plant.limits) == ([], [])


def test_after_long_idleness_it_goes_back_step_by_step():
    plant = Plant().see(LAGGING, 400).see(IDLE, 1200)
    assert plant.changes[2:] == [("parse", 8, 4), ("parse", 4, 2)]
    assert plant.steps[2][0] - 400 >= POLICY.idle_after - 5


def test_a_step_back_that_was_one_too_many_makes_the_next_wait_twice_as_long():
    plant = Plant().see(LAGGING, 25).see(IDLE, 500).see(LAGGING, 30)
    assert plant.changes == [("parse", 2, 4), ("parse", 4, 2), ("parse", 2, 4)]
    began = plant.at
    plant.see(IDLE, 1200)
    assert plant.changes[3] == ("parse", 4, 2)
    assert plant.steps[3][0] - began >= 2 * POLICY.idle_after - 5


def test_tasks_that_wait_make_the_pool_larger_to_its_bound():
    plant = Plant().see(replace(IDLE, queue_age=60.0), 400)
    assert plant.changes == [(CELERY, 2, 3), (CELERY, 3, 4)]
    assert set(plant.limits) == {WORKER_HOST}


def test_a_pool_that_is_idle_goes_back():
    plant = Plant().see(replace(IDLE, queue_age=60.0), 30).see(IDLE, 600)
    assert plant.changes == [(CELERY, 2, 3), (CELERY, 3, 2)]


SEEN = st.builds(
    Observation,
    at=st.just(0.0),
    lag=st.sampled_from([0.0, 5.0, 50.0, 150.0, 5000.0]),
    draining=st.booleans(),
    bottleneck=st.sampled_from(["", "parse", "tag", "index", "deduplicate"]),
    queue_age=st.sampled_from([0.0, 0.5, 5.0, 30.0]),
    cpu=st.sampled_from([0.2, 0.99]),
)


@given(st.lists(st.tuples(SEEN, st.integers(1, 100)), max_size=40))
def test_whatever_is_seen_steps_are_apart_and_within_bounds(story):
    plant = Plant()
    for seen, turns in story:
        plant.see(seen, turns * 5)
    times = [at for at, _ in plant.steps]
    assert all(later - earlier >= POLICY.pause for earlier, later in pairwise(times))
    for _, step in plant.steps:
        bounds = POLICY.pool if step.what == CELERY else POLICY.stages[step.what]
        assert bounds.least <= step.after <= bounds.most
        assert step.after != step.before


@given(SEEN)
def test_while_one_thing_is_seen_it_never_goes_both_ways(seen):
    plant = Plant().see(seen, 4000)
    ways = {(step.what, step.after > step.before) for _, step in plant.steps}
    assert len(ways) == len({what for what, _ in ways})


class Hands:
    def __init__(self, fails=False):
        self.done, self.fails = [], fails

    def rebalance(self, component, executors):
        if self.fails:
            raise Transient("Nimbus does not answer")
        self.done.append((component, executors))

    def resize(self, change):
        self.done.append((CELERY, change))


def sample(turn):
    values = {"lag": 900.0, "catch_up": 86_400.0, "executors/parse": 2.0, "executors/tag": 1.0, "cpu": 0.3}
    return Sample(1_760_000_000_000 + turn * 5_000, values, bottleneck="parse")


def acted(actuators, acts=True, policy=POLICY):
    incidents = MemoryIncidents()
    autoscaler = Autoscaler(policy, actuators, incidents, acts)
    for turn in range(6):
        autoscaler.judge(sample(turn))
    autoscaler.close()
    return autoscaler, incidents.actions(0, 1 << 60)


def test_a_step_is_carried_out_and_noted_with_its_reason():
    actuators = Hands()
    _, (action,) = acted(actuators)
    assert actuators.done == [("parse", 4)]
    assert (action.what, action.before, action.after, action.outcome) == ("parse", 2, 4, "done")
    assert "900 records have waited" in action.reason


def test_a_step_that_failed_is_noted_with_its_error():
    _, (action,) = acted(Hands(fails=True))
    assert action.outcome == "Nimbus does not answer"


def test_when_it_is_switched_off_nothing_is_done():
    actuators = Hands()
    assert (acted(actuators, acts=False)[1], actuators.done) == ([], [])


def test_a_limit_is_a_number_for_the_rules_and_goes_back_to_nothing():
    autoscaler, _ = acted(Hands(), policy=replace(POLICY, stages={"parse": Bounds(2, 2)}))
    assert autoscaler.read().values == {f"limited/{SUPERVISOR}": 1.0}
    autoscaler.judge(replace(sample(9), values=sample(9).values | {"lag": 0.0, "catch_up": 0.0}))
    assert autoscaler.read().values == {f"limited/{SUPERVISOR}": 0.0}


def test_a_sample_without_lag_decides_nothing():
    assert seen_in(Sample(0, {"cpu": 0.1}), 90.0) is None


def test_the_bounds_are_those_that_are_set():
    policy = policy_of(Settings(topology={"parsers": 3, "parsers_most": 2}, celery={"concurrency_most": 9}))
    assert (policy.stages["parse"], policy.pool) == (Bounds(3, 3), Bounds(2, 9))
