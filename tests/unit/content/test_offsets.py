"""The spout's ledger against a model, under any order of answers."""

import hypothesis.strategies as st
from hypothesis import given
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from riverline.content.offsets import Ledger, Partition, Patience

PLACE = ("crawl.a", 0)


def ledger_at(position: int, **options) -> Ledger:
    ledger = Ledger(**options)
    ledger.follow(PLACE, position)
    return ledger


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
    ledger = ledger_at(5)
    ledger.send(PLACE, 90, "r", now=0)
    assert ledger.committable() == {PLACE: 90}
    ledger.ack("crawl.a-0-90")
    assert ledger.committable() == {PLACE: 91}


def test_a_record_that_is_out_is_not_sent_again():
    ledger = ledger_at(0)
    assert ledger.send(PLACE, 0, "r", now=0)
    assert ledger.send(PLACE, 0, "r", now=0) is None


def test_a_late_answer_for_a_partition_that_was_taken_away_is_ignored():
    ledger = ledger_at(0)
    ledger.send(PLACE, 0, "r", now=0)
    ledger.forget(PLACE)
    ledger.ack("crawl.a-0-0")
    assert ledger.fail("crawl.a-0-0", now=1) is None
    assert ledger.committable() == {}


def test_a_commit_by_somebody_else_moves_the_position_forward_only():
    ledger = ledger_at(0)
    for offset in range(3):
        ledger.send(PLACE, offset, "r", now=0)
    ledger.follow(PLACE, 2)
    ledger.ack("crawl.a-0-2")
    assert ledger.committable() == {PLACE: 3}
    ledger.follow(PLACE, 1)
    assert ledger.committable() == {PLACE: 3}


def test_a_failed_record_comes_back_after_its_pause_with_the_next_attempt():
    ledger = ledger_at(0, patience=Patience(first_pause=1))
    ledger.send(PLACE, 0, "r", now=0)
    ledger.fail("crawl.a-0-0", now=1)
    assert ledger.due(now=1.9) is None
    entry = ledger.due(now=2)
    assert (entry.attempt, entry.record) == (2, "r")
    ledger.fail(entry.id, now=2)
    assert ledger.due(now=3.9) is None and ledger.due(now=4).attempt == 3


def test_a_time_out_does_not_count_as_an_attempt():
    ledger = ledger_at(0, patience=Patience(timeout=60))
    ledger.send(PLACE, 0, "r", now=0)
    ledger.fail("crawl.a-0-0", now=60)
    assert ledger.due(now=120).attempt == 1


def test_a_full_partition_takes_no_more_but_still_retries():
    ledger = ledger_at(0, cap=2)
    for offset in range(2):
        ledger.send(PLACE, offset, "r", now=0)
    assert ledger.full(PLACE)
    ledger.ack("crawl.a-0-1")
    assert ledger.full(PLACE)
    ledger.fail("crawl.a-0-0", now=0)
    assert ledger.due(now=10)
    ledger.ack("crawl.a-0-0")
    assert not ledger.full(PLACE)


def test_bytes_in_flight_are_those_of_the_records_that_are_out():
    ledger = ledger_at(0)
    for offset in range(3):
        ledger.send(PLACE, offset, "r", now=0, size=10)
    ledger.ack("crawl.a-0-0")
    ledger.ack("crawl.a-0-0")
    ledger.fail("crawl.a-0-1", now=0)
    assert ledger.bytes_in_flight == 10
    ledger.due(now=10)
    assert ledger.bytes_in_flight == 20
    ledger.forget(PLACE)
    assert ledger.bytes_in_flight == 0


class LedgerMachine(RuleBasedStateMachine):
    """Any interleaving of sends, answers, failures, pauses and foreign commits on one partition."""

    @initialize(start=st.integers(0, 5))
    def begin(self, start):
        self.ledger = ledger_at(start)
        self.now, self.next, self.floor = 0.0, start, start
        self.sent, self.done, self.flying, self.failed = [], set(), set(), set()

    @rule(gap=st.integers(0, 3))
    def send(self, gap):
        offset = self.next + gap
        assert self.ledger.send(PLACE, offset, offset, self.now).record == offset
        self.next = offset + 1
        self.sent.append(offset)
        self.flying.add(offset)

    @precondition(lambda self: self.flying)
    @rule(data=st.data())
    def ack(self, data):
        offset = data.draw(st.sampled_from(sorted(self.flying)))
        self.ledger.ack(f"crawl.a-0-{offset}")
        self.flying.discard(offset)
        self.done.add(offset)

    @precondition(lambda self: self.flying)
    @rule(data=st.data())
    def fail(self, data):
        offset = data.draw(st.sampled_from(sorted(self.flying)))
        self.ledger.fail(f"crawl.a-0-{offset}", self.now)
        self.flying.discard(offset)
        self.failed.add(offset)

    @rule(seconds=st.floats(0, 40))
    def wait(self, seconds):
        self.now += seconds
        while entry := self.ledger.due(self.now):
            assert entry.offset in self.failed
            self.failed.discard(entry.offset)
            self.flying.add(entry.offset)

    @rule(offset=st.integers(0, 300))
    def stray_answer(self, offset):
        if offset not in self.flying:
            self.ledger.ack(f"crawl.a-0-{offset}")

    @rule(ahead=st.integers(0, 4))
    def commit_by_another(self, ahead):
        position = min(self.floor + ahead, self.next)
        self.ledger.follow(PLACE, position)
        self.floor = max(self.floor, position)

    @invariant()
    def commits_only_the_done_prefix(self):
        if not hasattr(self, "ledger"):
            return
        position = self.ledger.committable().get(PLACE, self.floor)
        undone = [offset for offset in self.sent if offset not in self.done and offset >= self.floor]
        expected = undone[0] if undone else max(self.floor, self.sent[-1] + 1 if self.sent else 0)
        assert position == expected

    @invariant()
    def loses_no_record(self):
        if hasattr(self, "ledger"):
            assert self.ledger.in_flight == len(self.flying)
            assert self.ledger.waiting == len(self.failed)


TestLedger = LedgerMachine.TestCase
