"""Bulks at the end of the way: each tuple is done when its own item is, and nothing is lost in between."""

from dataclasses import replace

import pytest

from riverline.errors import Fatal, Transient
from riverline.model import Document, Fate, Page
from riverline.parsing.fingerprint import text_digest
from riverline.pipeline.audit import vanished
from riverline.pipeline.indexing import BulkLimits, Indexer
from riverline.pipeline.records import failure_of, page_of
from riverline.search.contracts import FateQuery, Outcome, Written
from riverline.search.query import Query
from riverline.testing.memory import MemoryIndex
from riverline.testing.memory_log import MemoryLog


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
    return Indexer(index, log, BulkLimits(count=3, bytes=1000, seconds=0.5), clock, lambda: 5)


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


def test_an_index_without_its_schema_keeps_everything_too(indexer, index, clock, monkeypatch):
    def write(*_):
        raise Fatal("the alias does not exist")

    indexer.add("t1", fate(1), document(1))
    with monkeypatch.context() as outage, pytest.raises(Fatal):
        outage.setattr(index, "write", write)
        indexer.flush()
    assert not indexer.due(idle=True)
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
    assert [page_of(record).body for record in log.records["dead-letter"]] == [b"body"]


def test_a_dead_page_is_copied_into_the_dead_letters_with_its_reason(indexer, log):
    log.append("crawl.a", Page("http://a.example/0", "http://a.example/0", b"body"))
    indexer.add("t0", fate(0, outcome="dead", reason="no_text", stage="parse", error="nothing in it", attempts=1))
    assert indexer.flush() == ["t0"]
    (letter,) = log.records["dead-letter"]
    assert (failure_of(letter).stage, failure_of(letter).error) == ("parse", "no_text: nothing in it")


def test_a_record_that_comes_again_is_written_once_and_both_tuples_are_done(indexer, index):
    indexer.add("t1", fate(1), document(1))
    indexer.add("t1-again", fate(1, attempts=2), document(1))
    assert sorted(indexer.flush()) == ["t1", "t1-again"]
    assert len(indexer) == 0 and outcome(index, 1) == "indexed"


def test_a_record_of_a_topic_that_was_made_anew_is_another_one_than_was_there(indexer, index):
    former, later = fate(1), replace(fate(1), url="http://a.example/new", at=2000)
    indexer.add("later", later, replace(document(2), url=later.url))
    indexer.add("former", former, document(1))
    assert sorted(indexer.flush()) == ["former", "later"]
    assert len(index.stored([former.url, later.url])) == 2


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


@pytest.mark.parametrize("later", [{"outcome": "dead", "reason": "fault"}, {"outcome": "duplicate", "reason": "x"}])
def test_a_record_with_a_document_is_not_replaced_by_one_without(indexer, index, log, later):
    indexer.add("t1", fate(1), document(1))
    indexer.add("t1-again", fate(1, **later))
    assert sorted(indexer.flush()) == ["t1", "t1-again"]
    assert outcome(index, 1) == "indexed" and index.stored(["http://a.example/1"])
    assert "dead-letter" not in log.records


def test_a_document_takes_the_place_of_a_verdict_on_the_same_record(indexer, index):
    indexer.add("t1", fate(1, outcome="dead", reason="fault"))
    indexer.add("t1-again", fate(1), document(1))
    assert sorted(indexer.flush()) == ["t1", "t1-again"]
    assert outcome(index, 1) == "indexed"


def again(number: int, crawled_at: int = 2000, **changes) -> Document:
    """A page that was fetched once more, as a record of its own."""
    return replace(document(number, **changes), origin=f"crawl.a-0-{number + 50}", crawled_at=crawled_at)


def fate_again(number: int, **changes) -> Fate:
    return replace(fate(number + 50, **changes), url=f"http://a.example/{number}")


def texts(index) -> dict[str, str]:
    """What the index holds, by the numbers of the pages."""
    index.refresh()
    return {hit.url.rsplit("/", 1)[1]: held(index, hit.url) for hit in index.search(Query(limit=50), 5000).hits}


def held(index, url: str) -> str:
    return next(one.document.body for one in index._visible if one.document.url == url)


def test_a_text_whose_holder_was_deleted_is_indexed_where_it_is_now(indexer, index):
    indexer.add("t1", fate(1), document(1, body="T"))
    indexer.flush()
    index.delete(["http://a.example/1"], 1500)
    indexer.add("t2", fate(2), document(2, body="T"))
    indexer.flush()
    assert outcome(index, 2) == "indexed" and texts(index) == {"2": "T"}


def test_a_text_whose_holder_says_something_else_now_is_indexed_where_it_is(indexer, index):
    indexer.add("t1", fate(1), document(1, body="T"))
    indexer.flush()
    index.write([again(1, body="U")], [])  # by another task: texts are dealt out
    indexer.add("t2", fate(2), document(2, body="T"))
    indexer.flush()
    assert outcome(index, 2) == "indexed" and texts(index) == {"1": "U", "2": "T"}


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_an_article_that_moves_within_one_bulk_is_indexed_where_it_is_now(indexer, index, order):
    indexer.add("t1", fate(1), document(1, body="T"))
    indexer.flush()
    gone = fate_again(1, outcome="filtered", reason="gone", fetched_at=1500)
    came = {1: (gone, None), 2: (fate(2), document(2, body="T"))}
    for number in order:
        indexer.add(f"t{number}-new", *came[number])
    assert len(indexer.flush()) == 2
    assert outcome(index, 2) == "indexed" and texts(index) == {"2": "T"}


def test_a_text_that_moves_to_another_page_as_its_holder_changes_is_not_lost(indexer, index):
    indexer.add("t1", fate(1), document(1, body="T"))
    indexer.flush()
    indexer.add("t2", fate(2), document(2, body="T"))
    indexer.add("t51", fate_again(1), again(1, body="U"))
    assert len(indexer.flush()) == 2
    assert texts(index) == {"1": "U", "2": "T"}


def test_pages_that_change_their_texts_for_each_others_keep_both(indexer, index):
    indexer.add("t1", fate(1), document(1, body="T"))
    indexer.add("t2", fate(2), document(2, body="U"))
    indexer.flush()
    indexer.add("t51", fate_again(1), again(1, body="U"))
    indexer.add("t52", fate_again(2), again(2, body="T"))
    assert len(indexer.flush()) == 2
    assert texts(index) == {"1": "U", "2": "T"}


def test_an_old_record_of_the_holder_changes_nothing_about_who_holds_a_text(indexer, index):
    indexer.add("t1", fate(1), document(1, body="T"))
    indexer.flush()
    indexer.add("t51", fate_again(1), again(1, crawled_at=500, body="U"))
    indexer.add("t2", fate(2), document(2, body="T"))
    assert len(indexer.flush()) == 2
    assert outcome(index, 2) == "duplicate:text" and texts(index) == {"1": "T"}


def test_a_page_that_says_now_what_another_says_leaves_the_index(indexer, index):
    indexer.add("t1", fate(1), document(1, body="T"))
    indexer.add("t2", fate(2), document(2, body="U"))
    indexer.flush()
    indexer.add("t52", fate_again(2), again(2, body="T"))
    indexer.flush()
    assert outcome(index, 52) == "duplicate:text" and texts(index) == {"1": "T"}
    assert list(vanished(index)) == []


def test_a_task_that_has_just_begun_knows_what_the_one_before_it_wrote(indexer, index, log, clock):
    indexer.add("t1", fate(1), document(1, body="T"))
    indexer.flush()
    other = Indexer(index, log, BulkLimits(), clock, lambda: 5)
    other.add("t2", fate(2), document(2, body="T"))
    other.flush()
    assert outcome(index, 2) == "duplicate:text" and texts(index) == {"1": "T"}


def test_a_text_that_two_workers_wrote_at_once_is_held_by_one_when_their_records_come_again(indexer, index):
    index.write([document(1, body="T"), document(2, body="T")], [fate(1), fate(2)])
    for number in (1, 2):
        indexer.add(f"t{number}-again", fate(number), document(number, body="T"))
        indexer.flush()
    (holder,) = texts(index)
    other = 3 - int(holder)
    assert (outcome(index, int(holder)), outcome(index, other)) == ("indexed", "duplicate:text")


def test_a_list_that_shows_one_article_does_not_hold_its_text(indexer, index):
    indexer.add("t1", fate(1), document(1, body="T", content_type="list"))
    indexer.flush()
    index.refresh()
    indexer.add("t2", fate(2), document(2, body="T"))
    indexer.flush()
    assert outcome(index, 2) == "indexed"


def test_a_record_is_buried_once_however_long_the_index_is_away(indexer, index, log):
    log.append("crawl.a", Page("http://a.example/0", "http://a.example/0", b"body"))
    indexer.add("t0", fate(0, outcome="dead", reason="no_text"))
    index.away = True
    for _ in range(5):
        with pytest.raises(Transient):
            indexer.flush()
    index.away = False
    assert indexer.flush() == ["t0"]
    indexer.add("t0-again", fate(0, outcome="dead", reason="no_text"))  # its first tuple had timed out
    assert indexer.flush() == ["t0-again"]
    assert len(log.records["dead-letter"]) == 1


def test_a_refused_document_is_buried_once_though_its_fate_cannot_be_corrected(indexer, index, log, monkeypatch):
    log.append("crawl.a", Page("http://a.example/0", "http://a.example/0", b"body"))
    index.answers = {"http://a.example/0": Outcome.INVALID}
    indexer.add("t0", fate(0), document(0))
    write = index.write

    def only_documents(documents, fates):
        if not documents:
            raise Transient("away again")
        return write(documents, fates)

    with monkeypatch.context() as outage:
        outage.setattr(index, "write", only_documents)
        for _ in range(3):
            with pytest.raises(Transient):
                indexer.flush()
    assert indexer.flush() == ["t0"]
    assert outcome(index, 0) == "dead:refused" and len(log.records["dead-letter"]) == 1
