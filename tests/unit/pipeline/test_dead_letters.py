"""Dead letters: what is one, how it stands, and what becomes of it when it is sent again."""

from dataclasses import replace

import pytest

from riverline.model import Fate, Origin, Page
from riverline.pipeline.contracts import Failure, LetterQuery, LetterState
from riverline.pipeline.dead_letters import DeadLetterQueue, runs
from riverline.pipeline.records import page_of
from riverline.testing.memory import MemoryIndex, MemoryLog
from riverline.testing.memory_dead_letters import MemoryDeadLetters

TOPIC, DEAD = "crawl.a.example", "dead-letter"
WAITING, SENT, SETTLED, DISMISSED = LetterState


class World:
    """A site's records, their fates, and a clock that the test moves."""

    def __init__(self):
        self.says = True  # fates say when their page was fetched
        self.now = 1_760_000_000_000
        self.log, self.index, self.catalogue = MemoryLog(clock=lambda: self.now), MemoryIndex(), MemoryDeadLetters()
        self.queue = DeadLetterQueue(self.log, self.index, self.catalogue, DEAD, lambda: self.now)

    def fetch(self, path="x"):
        self.now += 1000
        url = f"http://a.example/{path}"
        self.log.append(TOPIC, Page(url, url, b"body", fetched_at=self.now if self.says else 0))

    def end(self, offset, outcome="dead", copies=1):
        """The record comes to its end, and may be buried."""
        record = self.log.records[TOPIC][offset]
        for _ in range(copies if outcome == "dead" else 0):
            self.log.bury_raw(record, Failure(Origin(TOPIC, 0, offset), "parse", f"no {offset}", 5, self.now))
        fetched_at = page_of(record).fetched_at
        fate = Fate(f"{TOPIC}-0-{offset}", outcome, record.key.decode(), at=record.timestamp, fetched_at=fetched_at)
        self.index.write([], [fate])
        self.index.refresh()

    def letters(self):
        self.now += 60_000
        self.queue.catch_up()
        return self.catalogue.page(LetterQuery(limit=1000))

    def one(self):
        [letter] = self.letters()
        return letter

    def again(self):
        self.now += 1000
        return [step.sent for step in self.queue.send_again(self.letters())]


@pytest.fixture
def world():
    return World()


def test_copies_of_one_failure_are_one_letter(world):
    world.fetch()
    world.end(0, copies=66)
    letter = world.one()
    assert (letter.root, letter.attempts, letter.failures, letter.state) == (f"{TOPIC}-0-0", 5, 1, WAITING)
    assert letter.offset == 65


def test_a_letter_that_is_sent_again_and_fails_again_is_the_same_letter(world):
    world.fetch()
    world.end(0)
    for number in range(1, 4):
        assert world.again() == [True] and world.one().state is SENT
        assert page_of(world.log.records[TOPIC][number]).replay_of == f"{TOPIC}-0-0"
        world.end(number)
        letter = world.one()
        assert (letter.state, letter.root, letter.origin) == (WAITING, f"{TOPIC}-0-0", f"{TOPIC}-0-{number}")
        assert (letter.failures, letter.attempts, letter.error) == (number + 1, 5 * (number + 1), f"no {number}")


def test_a_chain_of_replays_that_name_each_other_is_one_letter(world):
    """As they were written before replays named the first record."""
    world.fetch()
    world.end(0)
    for number in (1, 2):
        page = Page("http://a.example/x", "http://a.example/x", b"body", replay_of=f"{TOPIC}-0-{number - 1}")
        world.log.append(TOPIC, page)
        world.end(number)
    letter = world.one()
    assert (letter.root, letter.origin, letter.failures) == (f"{TOPIC}-0-0", f"{TOPIC}-0-2", 3)


@pytest.mark.parametrize("outcome", ["indexed", "duplicate", "filtered"])
def test_a_replay_that_ends_well_settles_its_letter_which_is_never_sent_again(world, outcome):
    world.fetch()
    world.end(0)
    world.again()
    world.end(1, outcome)
    assert world.one().state is SETTLED
    assert world.again() == []
    assert len(world.log.records[TOPIC]) == 2


def test_a_newer_record_of_the_page_settles_the_letter_of_the_older_one(world):
    world.fetch()
    world.fetch()
    world.end(1, "indexed")
    world.end(0)
    assert world.one().state is SETTLED


def test_a_replay_of_an_older_page_settles_nothing(world):
    """A duplicate whose text lost its holder is sent again, after the page was fetched anew and that failed."""
    world.fetch()
    world.end(0, "duplicate")
    world.fetch()
    world.end(1)
    world.now += 1000
    world.log.append(TOPIC, replace(page_of(world.log.records[TOPIC][0]), replay_of=f"{TOPIC}-0-0"))
    world.end(2, "indexed")
    assert world.one().state is WAITING
    assert world.again() == [True]
    world.end(3, "indexed")
    assert world.one().state is SETTLED


def test_fates_that_do_not_say_when_their_page_was_fetched_are_compared_by_their_records(world):
    world.says = False
    world.fetch()
    world.end(0)
    world.fetch()
    world.end(1, "indexed")
    assert world.one().state is SETTLED


@pytest.mark.parametrize("outcome", ["indexed", "dead"])
def test_a_letter_whose_place_another_record_has_now_is_settled_by_its_page(world, outcome):
    """The topic was deleted and made anew."""
    world.fetch()
    world.end(0)
    assert world.one().state is WAITING
    world.log.records[TOPIC].clear()
    world.fetch("other")
    world.end(0, "indexed")
    assert world.one().state is WAITING
    world.fetch()
    world.end(1, outcome, copies=0)
    assert world.one().state is (SETTLED if outcome == "indexed" else WAITING)


def test_a_record_that_was_processed_after_it_was_buried_settles_its_letter(world):
    world.fetch()
    world.log.bury_raw(world.log.records[TOPIC][0], Failure(Origin(TOPIC, 0, 0), "parse", "no", 5, world.now))
    world.end(0, "indexed")
    assert world.one().state is SETTLED


def test_an_older_record_of_the_page_settles_nothing(world):
    world.fetch()
    world.end(0, "indexed")
    world.fetch()
    world.end(1)
    assert world.one().state is WAITING


def test_two_records_of_one_moment_settle_nothing(world):
    world.fetch()
    world.now -= 1000
    world.fetch()
    world.end(0, "indexed")
    world.end(1)
    assert world.one().state is WAITING


def test_a_failure_whose_own_fate_is_not_seen_yet_is_settled_by_nothing(world):
    world.fetch()
    world.end(0, "indexed")
    world.fetch()
    record = world.log.records[TOPIC][1]
    world.log.bury_raw(record, Failure(Origin(TOPIC, 0, 1), "parse", "no", 5, world.now))
    assert world.one().state is WAITING


def test_what_was_settled_meanwhile_is_not_sent(world):
    world.fetch()
    world.end(0)
    stale = world.letters()
    world.fetch()
    world.end(1, "indexed")
    assert list(world.queue.send_again(stale)) == []


def test_a_dismissed_letter_waits_for_nobody_and_can_still_be_sent(world):
    world.fetch()
    world.end(0)
    assert world.queue.dismiss(world.letters()) == 1
    assert world.one().state is DISMISSED and world.queue.dismiss(world.letters()) == 0
    assert list(world.queue.letters([WAITING])) == []
    assert world.again() == [True]
    world.end(1)
    assert world.one().state is WAITING


def test_a_replay_that_fails_before_it_is_marked_as_sent_waits(world):
    world.fetch()
    world.end(0)
    mark = world.catalogue.mark

    def late(chosen, state, at_ms):
        if state is SENT:
            world.end(1)
            world.queue.catch_up()
        return mark(chosen, state, at_ms)

    world.catalogue.mark = late
    assert world.again() == [True]
    letter = world.one()
    assert (letter.state, letter.failures) == (WAITING, 2)


def test_a_dry_run_sends_and_marks_nothing(world):
    world.fetch()
    world.end(0)
    [step] = world.queue.send_again(world.letters(), dry=True)
    assert (step.sent, step.topic, world.one().state) == (False, TOPIC, WAITING)
    assert len(world.log.records[TOPIC]) == 1


@pytest.mark.parametrize("headers", [[], [("url", b"http://a.example/")]])
def test_a_record_that_says_too_little_is_a_letter_that_cannot_be_sent(world, headers):
    world.fetch()
    world.end(0)
    record = world.log.records[DEAD][0]
    record.headers = headers
    letter = world.one()
    assert (letter.root, letter.stage) == (f"{DEAD}-0-0", "") and letter.error
    assert world.again() == [False] and world.one().state is WAITING
    assert len(world.log.records[DEAD]) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("origin", "crawl.é-0-1"),
        ("origin", f"{'t' * 290}-0-{'1' * 40}"),
        ("replay_of", "한글-0-1"),
        ("replay_of", "nowhere"),
        ("failed_at", "9" * 15),
        ("attempts", "9" * 15),
        ("stage", "s" * 10_000),
        ("error", "가" * 100_000),
    ],
)
def test_whatever_stands_in_a_header_the_others_are_taken_and_it_has_room_in_the_catalogue(world, name, value):
    for path in "xy":
        world.fetch(path)
    for offset in range(2):
        world.end(offset)
    record = world.log.records[DEAD][0]
    record.headers = [*((key, text) for key, text in record.headers if key != name), (name, value.encode())]
    _, letter = world.letters()
    for place in (letter.root, letter.origin):
        assert place.isascii() and len(place) <= 300
    assert (len(letter.stage) <= 64, len(letter.error) <= 2000, letter.attempts <= 1_000_000) == (True, True, True)
    assert letter.failed_at is None or letter.failed_at <= world.now


def test_what_kafka_does_not_hold_any_more_is_forgotten(world, monkeypatch):
    for path in "xyz":
        world.fetch(path)
    for offset in range(3):
        world.end(offset)
    assert len(world.letters()) == 3
    monkeypatch.setattr(world.log, "ends", lambda topics: {(DEAD, 0): (2, 3)})
    assert [letter.url for letter in world.letters()] == ["http://a.example/z"]


def test_a_topic_that_was_made_anew_is_read_from_its_beginning(world):
    for path in "xyz":
        world.fetch(path)
    for offset in range(3):
        world.end(offset)
    assert len(world.letters()) == 3
    world.log.records[DEAD] = []
    assert world.letters() == []
    world.end(1)
    assert [letter.url for letter in world.letters()] == ["http://a.example/y"]


def test_many_letters_are_taken_and_sent_in_slices_each_once(world):
    for number in range(450):
        world.fetch(str(number))
        world.end(number)
    assert len(world.letters()) == 450
    assert sum(world.again()) == 450
    assert {letter.state for letter in world.letters()} == {SENT}


def test_two_that_catch_up_at_once_take_each_record_once(world):
    world.fetch()
    world.end(0)
    add, ran = world.catalogue.add, []

    def slow(*given):
        if not ran:
            ran.append(True)
            DeadLetterQueue(world.log, world.index, world.catalogue, DEAD, lambda: world.now).catch_up()
        return add(*given)

    world.catalogue.add = slow
    assert world.one().failures == 1


def test_chosen_records_are_read_in_few_runs():
    assert runs([(0, 7), (0, 5), (0, 300), (1, 6)]) == [(0, 5, 8), (0, 300, 301), (1, 6, 7)]
    assert runs([(0, 0), (0, 199)]) == [(0, 0, 200)]
