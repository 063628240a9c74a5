"""Bulks at the end of the way: each tuple is done when its own item is, and nothing is lost in between."""

from dataclasses import replace

import pytest

from riverline.content.indexing import Indexer, Limits
from riverline.errors import Transient
from riverline.model import Document, Fate, Page
from riverline.stores.contracts import FateQuery, Outcome, Written
from riverline.stores.memory import MemoryIndex
from riverline.stores.memory_log import MemoryLog
from riverline.stores.records import failure_of
from riverline.text.fingerprint import text_digest


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


class Stubborn(MemoryIndex):
    """A real twin that refuses what it is told to."""

    away = False
    answers: dict = {}

    def write(self, documents, fates):
        if self.away:
            raise Transient("the index is away")
        return [
            Written(self.answers[document.url])
            if document.url in self.answers
            else super(Stubborn, self).write([document], [])[0]
            for document in documents
        ] + super().write([], fates)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def index():
    index = Stubborn()
    index.answers = {}
    return index


@pytest.fixture
def log():
    return MemoryLog()


@pytest.fixture
def indexer(index, log, clock):
    return Indexer(index, log, set_of_keys(), Limits(count=3, bytes=1000, seconds=0.5), clock, lambda: 5)


def set_of_keys():
    class Keys(set):
        pass

    return Keys()


def document(number: int, **changes) -> Document:
    text = changes.pop("body", f"text {number}")
    url = f"http://a.example/{number}"
    plain = Document(url, "a.example", "t", "", text, "article", crawled_at=1000, text_digest=text_digest(text))
    return replace(plain, origin=f"crawl.a-0-{number}", **changes)


def fate(number: int, **changes) -> Fate:
    return Fate(
        f"crawl.a-0-{number}", changes.pop("outcome", "indexed"), f"http://a.example/{number}", at=1000, **changes
    )


def outcome(index, number):
    index.refresh()
    (found,) = [f for f in index.fates(FateQuery()).items if f.origin == f"crawl.a-0-{number}"]
    return found.name


def test_tuples_are_done_when_their_items_are_written(indexer, index):
    indexer.add("t1", fate(1), document(1))
    indexer.add("t2", fate(2, outcome="duplicate", reason="unchanged"))
    assert sorted(indexer.flush()) == ["t1", "t2"]
    assert outcome(index, 1) == "indexed" and outcome(index, 2) == "duplicate:unchanged"
    assert index.stored(["http://a.example/1"])


def test_a_bulk_is_due_by_count_by_bytes_by_time_and_when_idle(indexer, clock):
    assert not indexer.due(idle=True)
    indexer.add("t1", fate(1), document(1))
    assert not indexer.due() and indexer.due(idle=True)
    clock.now = 0.5
    assert indexer.due()
    clock.now = 0.0
    indexer.add("t2", fate(2), document(2))
    assert not indexer.due()
    indexer.add("t3", fate(3), document(3))
    assert indexer.due()


def test_much_text_makes_a_bulk_due(indexer):
    indexer.add("t1", fate(1), document(1, body="x" * 1000))
    assert indexer.due()


def test_while_the_index_is_away_everything_stays_and_waits_longer_each_time(indexer, index, clock):
    indexer.add("t1", fate(1), document(1))
    index.away = True
    for pause in (0.25, 0.5, 1.0):
        with pytest.raises(Transient):
            indexer.flush()
        clock.now += pause - 0.01
        assert not indexer.due(idle=True)
        clock.now += 0.02
        assert indexer.due(idle=True)
    index.away = False
    assert indexer.flush() == ["t1"]


def test_an_item_refused_for_load_stays_and_the_others_are_done(indexer, index):
    index.answers = {"http://a.example/1": Outcome.BUSY}
    indexer.add("t1", fate(1), document(1))
    indexer.add("t2", fate(2), document(2))
    assert indexer.flush() == ["t2"]
    index.answers = {}
    assert indexer.flush() == ["t1"]


def test_a_document_that_the_index_will_never_take_becomes_a_dead_letter(indexer, index, log):
    log.append("crawl.a", Page("http://a.example/0", "http://a.example/0", b"body"))
    index.answers = {"http://a.example/0": Outcome.INVALID}
    indexer.add("t0", fate(0), document(0))
    assert indexer.flush() == ["t0"]
    assert outcome(index, 0) == "dead:refused"
    assert [record.value for record in log.records["dead-letter"]] == [b"body"]


def test_a_dead_page_is_copied_into_the_dead_letters_with_its_reason(indexer, log):
    log.append("crawl.a", Page("http://a.example/0", "http://a.example/0", b"body"))
    indexer.add("t0", fate(0, outcome="dead", reason="no_text", stage="parse", error="nothing in it", attempts=1))
    assert indexer.flush() == ["t0"]
    (letter,) = log.records["dead-letter"]
    assert (failure_of(letter).stage, failure_of(letter).error) == ("parse", "nothing in it")


def test_a_record_that_comes_again_is_written_once_and_both_tuples_are_done(indexer, index):
    indexer.add("t1", fate(1), document(1))
    indexer.add("t1-again", fate(1, attempts=2), document(1))
    assert sorted(indexer.flush()) == ["t1", "t1-again"]
    assert len(indexer) == 0 and outcome(index, 1) == "indexed"


def test_the_same_text_under_another_url_is_a_duplicate(indexer, index):
    indexer.add("t1", fate(1), document(1, body="the same words"))
    indexer.flush()
    indexer.add("t2", fate(2), document(2, body="The same  words."))
    assert indexer.flush() == ["t2"]
    assert outcome(index, 2) == "duplicate:text"
    assert not index.stored(["http://a.example/2"])


def test_two_of_one_text_in_one_bulk_the_second_waits_for_the_first(indexer, index):
    indexer.add("t1", fate(1), document(1, body="the same words"))
    indexer.add("t2", fate(2), document(2, body="the same words"))
    assert indexer.flush() == ["t1"]
    assert indexer.flush() == ["t2"]
    assert outcome(index, 2) == "duplicate:text"


def test_a_text_whose_holder_was_refused_is_not_lost(indexer, index):
    index.answers = {"http://a.example/1": Outcome.INVALID}
    indexer.add("t1", fate(1), document(1, body="the same words"))
    indexer.add("t2", fate(2), document(2, body="the same words"))
    assert indexer.flush() == ["t1"] and indexer.flush() == ["t2"]
    assert outcome(index, 2) == "indexed" and index.stored(["http://a.example/2"])


def test_a_page_that_changed_only_around_its_text_is_written_again(indexer, index):
    indexer.add("t1", fate(1), document(1))
    indexer.flush()
    indexer.add("t9", fate(9), replace(document(1), origin="crawl.a-0-9", crawled_at=2000, page_digest="ff"))
    assert indexer.flush() == ["t9"]
    assert (
        outcome(index, 9) == "indexed"
        and index.stored(["http://a.example/1"])["http://a.example/1"].page_digest == "ff"
    )


def test_lists_are_never_held_back_for_their_text(indexer, index):
    indexer.add("t1", fate(1), document(1, body="the same words"))
    indexer.flush()
    indexer.add("t2", fate(2), document(2, body="the same words", content_type="list"))
    indexer.flush()
    assert outcome(index, 2) == "indexed"


def test_an_empty_text_makes_no_duplicates(indexer, index):
    for number in (1, 2):
        indexer.add(f"t{number}", fate(number), replace(document(number, body=""), text_digest=""))
    assert len(indexer.flush()) == 2 and outcome(index, 2) == "indexed"


def test_a_replay_gets_no_second_fate(indexer, index):
    indexer.add("t1", fate(1), document(1))
    indexer.flush()
    indexer.add("t1-again", fate(1, outcome="duplicate", reason="text"))
    assert indexer.flush() == ["t1-again"]
    assert outcome(index, 1) == "indexed"
