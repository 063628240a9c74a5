"""What the catalogue of dead letters does: the same suite for MySQL and for its in-memory twin."""

import random
import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import text

from riverline.pipeline.contracts import Buried, LetterQuery, LetterState
from riverline.testing.memory_dead_letters import MemoryDeadLetters

NOW = 1_760_000_000_000
LATER = 4_100_000_000_000  # than whatever a running monitor reviews
WAITING, SENT, SETTLED, DISMISSED = LetterState


class Subject:
    """A catalogue, and a partition of the topic of this test's own."""

    def __init__(self, catalogue):
        self.catalogue, self.name = catalogue, uuid.uuid4().hex
        self.partition, self.end = random.SystemRandom().randrange(1000, 1 << 30), 0

    def buried(self, number=0, **more) -> Buried:
        origin = f"crawl.{self.name}-0-{number}"
        made = Buried(
            origin, origin, f"http://a.example/한글/{number}", self.partition, self.end, "parse", "no", 5, NOW
        )
        return replace(made, **more)

    def add(self, *buried: Buried) -> bool:
        start, self.end = self.end, self.end + len(buried)
        placed = [replace(one, offset=start + n) for n, one in enumerate(buried)]
        return self.catalogue.add(self.partition, start, self.end, placed)

    def root(self, number=0) -> str:
        return f"crawl.{self.name}-0-{number}"

    def page(self, **more):
        return self.catalogue.page(LetterQuery(partition=self.partition, **more))

    def one(self):
        [letter] = self.page()
        return letter


@pytest.fixture(params=["memory", pytest.param("mysql", marks=pytest.mark.integration)])
def subject(request) -> Iterator[Subject]:
    if request.param == "memory":
        yield Subject(MemoryDeadLetters())
        return
    from riverline.adapters.mysql.database import Database
    from riverline.adapters.mysql.dead_letters import MysqlDeadLetters

    mysql = Database(request.getfixturevalue("stack"))
    made = Subject(MysqlDeadLetters(mysql))
    yield made
    with mysql.writing() as connection:  # the stack's own letters are told by their places
        for table in ("dead_letter", "dead_letter_position"):
            connection.execute(text(f"DELETE FROM {table} WHERE place_partition = :p"), {"p": made.partition})
    mysql.close()


def test_a_letter_is_found_as_it_was_buried(subject):
    subject.add(subject.buried(error="가" * 2000))
    letter = subject.one()
    assert (letter.root, letter.origin, letter.url) == (subject.root(), subject.root(), "http://a.example/한글/0")
    assert (letter.partition, letter.offset, letter.stage, letter.error) == (subject.partition, 0, "parse", "가" * 2000)
    assert (letter.attempts, letter.failures, letter.failed_at, letter.state) == (5, 1, NOW, WAITING)


def test_a_record_that_says_nothing_is_a_letter_too(subject):
    subject.add(subject.buried(stage="", error="the record has no header origin", attempts=0, failed_at=None, url=""))
    assert subject.one().failed_at is None


def test_what_was_read_is_read_once(subject):
    assert subject.catalogue.position(subject.partition) == 0
    assert subject.add(subject.buried(0), subject.buried(1))
    assert subject.catalogue.position(subject.partition) == 2
    assert not subject.catalogue.add(subject.partition, 0, 2, [subject.buried(2)])
    assert [letter.root for letter in subject.page()] == [subject.root(1), subject.root(0)]
    assert subject.catalogue.add(subject.partition, 7, 9, [])  # a gap
    assert subject.catalogue.position(subject.partition) == 9


def test_a_copy_of_the_same_failure_moves_the_letter_and_changes_nothing_else(subject):
    subject.add(subject.buried())
    before = subject.one()
    subject.catalogue.mark([before], DISMISSED, NOW)
    subject.add(subject.buried(error="said again"))
    after = subject.one()
    assert (after.offset, after.state, after.attempts, after.failures, after.error) == (1, DISMISSED, 5, 1, "no")


def test_a_replay_that_fails_makes_its_letter_wait_again(subject):
    subject.add(subject.buried())
    subject.catalogue.mark([subject.one()], SENT, NOW)
    subject.add(subject.buried(origin=subject.root(9), error="no again", attempts=2, stage="index", failed_at=NOW + 5))
    letter = subject.one()
    assert (letter.root, letter.origin, letter.state, letter.offset) == (subject.root(), subject.root(9), WAITING, 1)
    assert (letter.attempts, letter.failures, letter.error, letter.stage) == (7, 2, "no again", "index")
    assert letter.failed_at == NOW + 5


def test_another_page_in_the_place_of_one_that_was_is_another_failure(subject):
    """A topic that was deleted and made anew has the same places again."""
    subject.add(subject.buried())
    subject.catalogue.mark([subject.one()], SETTLED, NOW)
    subject.add(subject.buried(url="http://a.example/other"))
    assert (subject.one().state, subject.one().url) == (WAITING, "http://a.example/other")


def test_a_replay_that_names_the_last_failure_is_of_the_same_letter(subject):
    subject.add(subject.buried())
    subject.add(subject.buried(origin=subject.root(9)))
    subject.add(subject.buried(root=subject.root(9), origin=subject.root(10)))
    assert (subject.one().origin, subject.one().failures) == (subject.root(10), 3)


def test_letters_are_paged_the_newest_first_by_state(subject):
    subject.add(*(subject.buried(number) for number in range(5)))
    letters = subject.page()
    assert [letter.root for letter in letters] == [subject.root(number) for number in (4, 3, 2, 1, 0)]
    assert subject.page(limit=2) == letters[:2]
    assert subject.page(limit=2, before=letters[1].id) == letters[2:4]
    subject.catalogue.mark(letters[:2], SENT, NOW)
    assert [letter.id for letter in subject.page(state=SENT)] == [letter.id for letter in letters[:2]]
    assert subject.page(state=WAITING) == letters[2:]


def test_letters_are_found_by_the_place_of_their_newest_copy(subject):
    subject.add(subject.buried(0), subject.buried(1), subject.buried(0))
    places = [(subject.partition, offset) for offset in range(9)]
    assert sorted(letter.offset for letter in subject.catalogue.at(places)) == [1, 2]
    assert subject.catalogue.at([]) == []


def test_a_letter_that_changed_meanwhile_is_not_marked(subject):
    subject.add(subject.buried(0), subject.buried(1))
    stale = subject.page()
    subject.add(subject.buried(0, origin=subject.root(9)))
    assert subject.catalogue.mark(stale, SENT, NOW) == 1
    assert [letter.state for letter in subject.page()] == [SENT, WAITING]
    assert subject.catalogue.mark(stale, DISMISSED, NOW) == 0
    assert subject.catalogue.mark(subject.page(), SETTLED, NOW) == 2


def test_states_are_counted(subject):
    before = subject.catalogue.counts()
    assert before.keys() == set(LetterState)
    subject.add(subject.buried(0), subject.buried(1))
    subject.catalogue.mark(subject.page(limit=1), DISMISSED, NOW)
    after = subject.catalogue.counts()
    assert [after[state] - before[state] for state in (WAITING, SENT, SETTLED, DISMISSED)] == [1, 0, 0, 1]


def test_unsettled_letters_are_reviewed_in_turn(subject):
    subject.add(*(subject.buried(number) for number in range(4)))
    new, other, sent, settled = subject.page()
    subject.catalogue.mark([sent], SENT, NOW)
    subject.catalogue.mark([settled], SETTLED, NOW)
    own = {letter.id for letter in (new, other, sent)}

    def unreviewed(before):
        return [letter.id for letter in subject.catalogue.unreviewed(before, 10_000) if letter.id in own]

    assert set(unreviewed(LATER)) == own
    subject.catalogue.review([new.id, sent.id], LATER)
    subject.catalogue.review([new.id, sent.id], NOW)  # said late: it was reviewed since
    assert unreviewed(LATER) == [other.id]
    assert unreviewed(LATER + 1)[0] == other.id
    assert subject.catalogue.unreviewed(LATER, 0) == []


def test_those_that_came_after_one_and_wait_are_counted(subject):
    subject.add(subject.buried(0))
    mark = subject.catalogue.newest()
    assert mark == subject.one().id
    subject.add(subject.buried(0, origin=subject.root(9)), subject.buried(1), subject.buried(2))
    subject.catalogue.mark(subject.page(limit=1), SETTLED, NOW)
    assert subject.catalogue.waiting_after(mark) == 1


def test_what_the_topic_lost_is_forgotten(subject):
    subject.add(subject.buried(0), subject.buried(1), subject.buried(0))
    subject.catalogue.forget(subject.partition, 2)
    assert subject.one().root == subject.root(0)
    subject.catalogue.restart(subject.partition)
    assert (subject.page(), subject.catalogue.position(subject.partition)) == ([], 0)


def test_the_longest_name_of_a_topic_has_room(subject):
    origin = f"{'t' * 249}-2147483647-{(1 << 63) - 1}"
    subject.add(subject.buried(root=origin, origin=origin))
    assert subject.one().root == origin


def test_letters_are_found_by_stage_reason_and_a_part_of_the_address(subject):
    subject.add(subject.buried(1, error="broken_pdf: x"), subject.buried(2, stage="index", error="refused: 100% no"))
    assert [one.stage for one in subject.page(stage="index")] == ["index"]
    assert [one.error for one in subject.page(reason="broken_pdf")] == ["broken_pdf: x"]
    assert [one.url for one in subject.page(url="example/한글/2")] == ["http://a.example/한글/2"]
    assert subject.page(reason="broken%") == [] and subject.page(url="_글/2") == []
