"""The spout's tracker against a model, under any order of answers."""

import hypothesis.strategies as st
import pytest
from hypothesis import given
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from riverline.pipeline.offset_tracker import FailureKind, OffsetTracker, Partition, RetryPolicy

PLACE = ("crawl.a", 0)


def named(offset: int, incarnation: int = 1) -> str:
    """What Storm knows a record by."""
    return f"crawl.a-0-{offset}/{incarnation}"


def tracker_at(position: int, **options) -> OffsetTracker:
    tracker = OffsetTracker(**options)
    tracker.follow(PLACE, position)
    return tracker


@given(st.lists(st.integers(0, 200), unique=True, min_size=1).map(sorted), st.randoms())
def test_after_all_are_done_in_any_order_the_position_is_behind_the_last(offsets, random):
    partition = Partition(0)
    assert all(partition.take(offset) for offset in offsets)
    shuffled = list(offsets)
    random.shuffle(shuffled)
    for offset in shuffled:
        partition.finish(offset)
    assert partition.position == offsets[-1] + 1
    assert partition.open == 0


@given(st.lists(st.integers(0, 60), unique=True, min_size=1).map(sorted), st.data())
def test_the_position_is_the_first_offset_that_is_not_done(offsets, data):
    partition = Partition(0)
    for offset in offsets:
        partition.take(offset)
    done = data.draw(st.sets(st.sampled_from(offsets)))
    for offset in data.draw(st.permutations(sorted(done))):
        partition.finish(offset)
    undone = [offset for offset in offsets if offset not in done]
    assert partition.position == (undone[0] if undone else offsets[-1] + 1)


def test_a_gap_left_by_retention_is_jumped_over():
    tracker = tracker_at(5)
    tracker.send(PLACE, 90, "r", now=0)
    assert tracker.committable() == {PLACE: 90}
    tracker.ack(named(90))
    assert tracker.committable() == {PLACE: 91}


def test_a_record_that_is_out_is_not_sent_again():
    tracker = tracker_at(0)
    assert tracker.send(PLACE, 0, "r", now=0)
    assert tracker.send(PLACE, 0, "r", now=0) is None


def test_a_late_answer_for_a_partition_that_was_taken_away_is_ignored():
    tracker = tracker_at(0)
    tracker.send(PLACE, 0, "r", now=0)
    tracker.forget(PLACE)
    tracker.ack(named(0))
    assert tracker.fail(named(0), now=1) is None
    assert tracker.committable() == {}


def test_a_commit_by_somebody_else_moves_the_position_forward_only():
    tracker = tracker_at(0)
    for offset in range(3):
        tracker.send(PLACE, offset, "r", now=0)
    tracker.follow(PLACE, 2)
    tracker.ack(named(2))
    assert tracker.committable() == {PLACE: 3}
    tracker.follow(PLACE, 1)
    assert tracker.committable() == {PLACE: 3}


def test_a_failed_record_comes_back_after_its_pause_with_the_next_attempt():
    tracker = tracker_at(0, retry_policy=RetryPolicy(first_pause=1))
    tracker.send(PLACE, 0, "r", now=0)
    tracker.fail(named(0), now=1)
    assert tracker.due(now=1.9) is None
    entry = tracker.due(now=2)
    assert (entry.attempt, entry.record) == (2, "r")
    tracker.fail(entry.id, now=2)
    assert tracker.due(now=3.9) is None and tracker.due(now=4).attempt == 3


@pytest.mark.parametrize(
    ("age", "failure"),
    [
        (0.1, FailureKind.FAULT),
        (26, FailureKind.FAULT),
        (30, FailureKind.STALE),
        (55, FailureKind.STALE),
        (60, FailureKind.LOST),
    ],
)
def test_the_time_tells_what_a_failure_says(age, failure):
    tracker = tracker_at(0, retry_policy=RetryPolicy(timeout=60))
    tracker.send(PLACE, 0, "r", now=0)
    assert tracker.fail(named(0), now=age)[1] is failure


@pytest.mark.parametrize("age", [30, 60, 600])
def test_what_was_stuck_does_not_count_as_an_attempt_and_is_sent_again_at_once(age):
    tracker = tracker_at(0, retry_policy=RetryPolicy(timeout=60))
    tracker.send(PLACE, 0, "r", now=0)
    tracker.fail(named(0), now=age)
    entry = tracker.due(now=age)
    assert (entry.attempt, entry.sendings) == (1, 2)


def test_a_full_partition_takes_no_more_but_still_retries():
    tracker = tracker_at(0, cap=2)
    for offset in range(2):
        tracker.send(PLACE, offset, "r", now=0)
    assert tracker.full(PLACE)
    tracker.ack(named(1))
    assert tracker.full(PLACE)
    tracker.fail(named(0), now=0)
    assert tracker.due(now=10)
    tracker.ack(named(0))
    assert not tracker.full(PLACE)


def test_bytes_in_flight_are_those_of_the_records_that_are_out():
    tracker = tracker_at(0)
    for offset in range(3):
        tracker.send(PLACE, offset, "r", now=0, size=10)
    tracker.ack(named(0))
    tracker.ack(named(0))
    tracker.fail(named(1), now=0)
    assert tracker.bytes_in_flight == 10
    tracker.due(now=10)
    assert tracker.bytes_in_flight == 20
    tracker.forget(PLACE)
    assert tracker.bytes_in_flight == 0


def test_a_copy_that_storm_gave_up_is_counted_until_its_record_is_finished():
    tracker = tracker_at(0, retry_policy=RetryPolicy(timeout=60))
    tracker.send(PLACE, 0, "r", now=0, size=10)
    tracker.fail(named(0), now=61)
    assert (tracker.in_flight, tracker.bytes_in_flight) == (0, 10)
    tracker.due(now=61)
    assert tracker.bytes_in_flight == 20
    tracker.fail(named(0), now=100)  # dropped by a bolt: this one nobody has
    assert tracker.bytes_in_flight == 10
    tracker.due(now=100)
    tracker.ack(named(0))
    assert tracker.bytes_in_flight == 0


def test_a_topic_that_was_made_anew_is_read_from_its_beginning_though_old_records_still_wait():
    tracker = tracker_at(0)
    before = tracker.follow(PLACE, 100)
    tracker.send(PLACE, 100, "old", now=0, incarnation=before)
    tracker.forget(PLACE)
    after = tracker.follow(PLACE, 0)
    assert tracker.send(PLACE, 101, "old", now=1, incarnation=before) is None
    assert tracker.committable() == {}
    assert tracker.send(PLACE, 0, "new", now=1, incarnation=after).record == "new"


def test_an_answer_for_the_former_topic_is_no_answer_for_the_one_that_was_made_anew():
    tracker = tracker_at(0)
    old = tracker.send(PLACE, 0, "old", now=0)
    tracker.forget(PLACE)
    tracker.follow(PLACE, 0)
    new = tracker.send(PLACE, 0, "new", now=1)
    assert tracker.ack(old.id) is None and tracker.fail(old.id, now=2) is None
    assert (tracker.in_flight, tracker.committable()) == (1, {})
    tracker.ack(new.id)
    assert tracker.committable() == {PLACE: 1}


class OffsetMachine(RuleBasedStateMachine):
    """Any interleaving of sends, answers, failures, pauses, foreign commits and new beginnings on one partition."""

    @initialize(start=st.integers(0, 5))
    def begin(self, start):
        self.tracker = OffsetTracker()
        self.now, self.former = 0.0, []
        self.follow(start)

    def follow(self, start):
        self.incarnation = self.tracker.follow(PLACE, start)
        self.next, self.floor = start, start
        self.sent, self.done, self.in_flight, self.failed = [], set(), set(), set()

    def id(self, offset):
        return named(offset, self.incarnation)

    @rule(start=st.integers(0, 3))
    def the_topic_is_made_anew(self, start):
        self.former += [(self.incarnation, offset) for offset in self.sent]
        self.tracker.forget(PLACE)
        self.follow(start)

    @precondition(lambda self: self.former)
    @rule(data=st.data())
    def what_is_of_the_former_topic_changes_nothing(self, data):
        incarnation, offset = data.draw(st.sampled_from(self.former))
        assert self.tracker.ack(named(offset, incarnation)) is None
        assert self.tracker.fail(named(offset, incarnation), self.now) is None
        assert self.tracker.send(PLACE, offset, offset, self.now, 1, incarnation) is None

    @rule(gap=st.integers(0, 3))
    def send(self, gap):
        offset = self.next + gap
        entry = self.tracker.send(PLACE, offset, offset, self.now, 1, self.incarnation)
        assert (entry.record, entry.id) == (offset, self.id(offset))
        self.next = offset + 1
        self.sent.append(offset)
        self.in_flight.add(offset)

    @precondition(lambda self: self.in_flight)
    @rule(data=st.data())
    def ack(self, data):
        offset = data.draw(st.sampled_from(sorted(self.in_flight)))
        self.tracker.ack(self.id(offset))
        self.in_flight.discard(offset)
        self.done.add(offset)

    @precondition(lambda self: self.in_flight)
    @rule(data=st.data())
    def fail(self, data):
        offset = data.draw(st.sampled_from(sorted(self.in_flight)))
        self.tracker.fail(self.id(offset), self.now)
        self.in_flight.discard(offset)
        self.failed.add(offset)

    @rule(seconds=st.floats(0, 40))
    def wait(self, seconds):
        self.now += seconds
        while entry := self.tracker.due(self.now):
            assert entry.offset in self.failed
            self.failed.discard(entry.offset)
            self.in_flight.add(entry.offset)

    @rule(offset=st.integers(0, 300))
    def stray_answer(self, offset):
        if offset not in self.in_flight:
            self.tracker.ack(self.id(offset))

    @rule(ahead=st.integers(0, 4))
    def commit_by_another(self, ahead):
        position = min(self.floor + ahead, self.next)
        self.tracker.follow(PLACE, position)
        self.floor = max(self.floor, position)

    @invariant()
    def commits_only_the_done_prefix(self):
        if not hasattr(self, "tracker"):
            return
        position = self.tracker.committable().get(PLACE, self.floor)
        undone = [offset for offset in self.sent if offset not in self.done and offset >= self.floor]
        expected = undone[0] if undone else max(self.floor, self.sent[-1] + 1 if self.sent else 0)
        assert position == expected

    @invariant()
    def loses_no_record(self):
        if hasattr(self, "tracker"):
            assert self.tracker.in_flight == len(self.in_flight)
            assert self.tracker.waiting == len(self.failed)

    @invariant()
    def counts_at_least_what_is_out(self):
        if hasattr(self, "tracker"):
            assert self.tracker.bytes_in_flight >= len(self.in_flight)
            assert self.tracker.bytes_in_flight == 0 or self.in_flight or self.failed


TestOffsets = OffsetMachine.TestCase
