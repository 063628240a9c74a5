"""What the filter says is a suspicion; what the index says is the verdict."""

from dataclasses import replace

import pytest

from riverline.errors import Fatal, Transient
from riverline.model import Document, Fate, Page
from riverline.parsing.fingerprint import page_digest
from riverline.pipeline.deduplicate import PAUSE, PERIOD, SLICE, Deduplicator, Filling
from riverline.pipeline.envelope import Envelope, SealedPage
from riverline.testing.memory import MemoryIndex
from tests.support.seen import Keys

URL = "http://a.example/1"
DIGEST = page_digest(URL, b"body")


class Everything:
    """A filter that has gone wrong in the worst way: it has seen everything."""

    complete = True

    def __contains__(self, key):
        return True

    def add(self, key):
        pass


def holding(digest: str = DIGEST, origin: str = "crawl.a-0-1") -> MemoryIndex:
    index = MemoryIndex()
    index.write([Document(URL, "a.example", "t", "", "b", "article", 1000, page_digest=digest, origin=origin)], [])
    return index


def test_a_new_page_is_not_looked_up():
    deduplicator = Deduplicator(Keys(), None)
    assert not deduplicator.unchanged(URL, DIGEST, "crawl.a-0-1")


def test_a_page_that_the_index_holds_is_unchanged():
    assert Deduplicator(Keys(bytes.fromhex(DIGEST)), holding()).unchanged(URL, DIGEST, "crawl.a-0-2")


def test_a_changed_page_goes_on():
    other = page_digest(URL, b"other body")
    assert not Deduplicator(Keys(bytes.fromhex(other)), holding()).unchanged(URL, other, "crawl.a-0-2")


def test_a_false_suspicion_loses_nothing_and_is_counted():
    deduplicator = Deduplicator(Everything(), MemoryIndex())
    assert not deduplicator.unchanged(URL, DIGEST, "crawl.a-0-1")
    counts = deduplicator.telemetry.state(0).counts
    assert (counts["suspicions"], counts["false_suspicions"]) == (1, 1)


def test_a_page_that_was_seen_but_never_indexed_goes_on():
    deduplicator = Deduplicator(Keys(), MemoryIndex())
    deduplicator.unchanged(URL, DIGEST, "crawl.a-0-1")
    assert not deduplicator.unchanged(URL, DIGEST, "crawl.a-0-1")


def test_a_replay_of_the_record_that_was_indexed_is_no_duplicate():
    assert not Deduplicator(Keys(bytes.fromhex(DIGEST)), holding()).unchanged(URL, DIGEST, "crawl.a-0-1")


def test_while_a_filter_is_not_complete_anything_may_have_been_seen():
    deduplicator = Deduplicator(Keys(complete=False), holding())
    assert deduplicator.unchanged(URL, DIGEST, "crawl.a-0-2")
    assert not deduplicator.unchanged("http://a.example/2", page_digest("http://a.example/2", b"b"), "crawl.a-0-3")


class Many(MemoryIndex):
    """An index of many pages, which goes away when it has told of some of them."""

    def __init__(self, pages, told):
        super().__init__()
        self.pages, self.told = pages, told

    def page_digests(self):
        for number in range(self.pages):
            if number == self.told:
                raise Transient("away")
            yield f"{number:032x}"


def test_a_new_filter_is_filled_between_pages_and_then_complete():
    now, keys = [0.0], Keys(complete=False)
    filling = Filling(keys, Many(2 * SLICE + 1, -1), lambda: now[0])
    filling.go_on()
    filling.go_on()
    assert len(keys) == SLICE
    now[0] += PERIOD
    filling.go_on()
    assert len(keys) == 2 * SLICE and not filling.done
    filling.go_on(idle=True)
    assert not filling.done
    now[0] += PERIOD
    filling.go_on(idle=True)
    assert len(keys) == 2 * SLICE + 1 and filling.done


def test_an_outage_while_a_filter_is_filled_leaves_it_incomplete_until_all_was_told():
    now, keys, index = [0.0], Keys(complete=False), Many(3 * SLICE, 2 * SLICE - 1)
    filling = Filling(keys, index, lambda: now[0])
    for _ in range(4):
        filling.go_on(idle=True)
    assert not filling.done and len(keys) == SLICE
    index.told = -1
    now[0] += PAUSE
    for _ in range(4):
        filling.go_on(idle=True)
    assert filling.done and len(keys) == 3 * SLICE


OTHER = page_digest(URL, b"other body")


def test_a_page_that_changes_back_while_its_change_is_under_way_is_not_taken_for_unchanged():
    deduplicator = Deduplicator(Everything(), holding())
    assert not deduplicator.unchanged(URL, OTHER, "crawl.a-0-2")
    assert not deduplicator.unchanged(URL, DIGEST, "crawl.a-0-3")
    assert deduplicator.unchanged(URL, DIGEST, "crawl.a-0-4")


def test_a_page_that_is_back_while_its_removal_is_under_way_is_not_taken_for_unchanged():
    deduplicator = Deduplicator(Everything(), holding())
    deduplicator.passes(URL)
    assert not deduplicator.unchanged(URL, DIGEST, "crawl.a-0-3")


class Away(MemoryIndex):
    """An index that gives no answer, and counts who asks."""

    def __init__(self, error):
        super().__init__()
        self.error, self.asked = error, 0

    def stored(self, urls):
        self.asked += 1
        raise self.error

    def fate(self, origin, at_ms):
        return self.stored([])


@pytest.mark.parametrize("error", [Transient("away"), Fatal("no alias"), KeyError("docs")])
def test_a_page_passes_where_the_index_gives_no_answer_and_is_not_asked_for_each(error):
    now, index = [100.0], Away(error)
    deduplicator = Deduplicator(Everything(), index, clock=lambda: now[0])
    for _ in range(3):
        assert not deduplicator.unchanged(URL, DIGEST, "crawl.a-0-2")
    assert index.asked == 1
    now[0] += PAUSE
    assert not deduplicator.unchanged(URL, DIGEST, "crawl.a-0-2")
    assert index.asked == 2
    assert deduplicator.telemetry.state(0).counts["unconfirmed"] == 4


RECORD = Envelope.of(SealedPage.of(Page(URL, URL, b"body")), "crawl.a-0-1", 1000, 1)
INDEXED = Fate("crawl.a-0-1", "indexed", URL, at=1000)


def settled(index: MemoryIndex, fate: Fate | None = INDEXED) -> bool:
    index.write([], [fate] if fate else [])
    return Deduplicator(set(), index).settled(RECORD)


def test_a_record_with_its_fate_and_its_document_is_settled():
    assert settled(holding())


def test_a_record_that_has_no_fate_yet_is_not_settled():
    assert not settled(holding(), None)


def test_a_record_whose_fate_was_written_before_its_document_is_not_settled():
    assert not settled(MemoryIndex())
    assert not settled(holding(origin="crawl.a-0-0"))


def test_a_record_that_ended_without_a_document_is_settled():
    assert settled(MemoryIndex(), replace(INDEXED, outcome="filtered", reason="noindex"))


def test_a_document_under_another_url_than_was_fetched_settles_its_record():
    canonical = replace(INDEXED, url=f"{URL}?from=feed", of=URL)
    index = holding()
    index.write([], [canonical])
    fetched = Envelope.of(SealedPage.of(Page(canonical.url, canonical.url, b"body")), "crawl.a-0-1", 1000, 1)
    assert Deduplicator(set(), index).settled(fetched)


@pytest.mark.parametrize("other", [{"at": 1001}, {"url": "http://a.example/2"}])
def test_the_fate_of_a_record_of_the_topic_that_was_there_before_settles_nothing(other):
    assert not settled(holding(), replace(INDEXED, **other))


def test_an_index_that_is_away_settles_nothing_and_is_left_alone():
    index = Away(Transient("away"))
    deduplicator = Deduplicator(set(), index, clock=lambda: 100.0)
    assert not deduplicator.settled(RECORD) and not deduplicator.settled(RECORD)
    assert index.asked == 1
