"""What the filter says is a suspicion; what the index says is the verdict."""

from riverline.content.deduplicate import Deduplicator, remember
from riverline.model import Document
from riverline.stores.memory import MemoryIndex
from riverline.text.fingerprint import page_digest

URL = "http://a.example/1"
DIGEST = page_digest(URL, b"body")


class Everything:
    """A filter that has gone wrong in the worst way: it has seen everything."""

    def __contains__(self, key):
        return True

    def add(self, key):
        pass


def holding(digest: str = DIGEST, origin: str = "crawl.a-0-1") -> MemoryIndex:
    index = MemoryIndex()
    index.write([Document(URL, "a.example", "t", "", "b", "article", 1000, page_digest=digest, origin=origin)], [])
    return index


def test_a_new_page_is_not_looked_up():
    deduplicator = Deduplicator(set(), None)
    assert not deduplicator.unchanged(URL, DIGEST, "crawl.a-0-1")


def test_a_page_that_the_index_holds_is_unchanged():
    assert Deduplicator({bytes.fromhex(DIGEST)}, holding()).unchanged(URL, DIGEST, "crawl.a-0-2")


def test_a_changed_page_goes_on():
    other = page_digest(URL, b"other body")
    assert not Deduplicator({bytes.fromhex(other)}, holding()).unchanged(URL, other, "crawl.a-0-2")


def test_a_false_suspicion_loses_nothing_and_is_counted():
    deduplicator = Deduplicator(Everything(), MemoryIndex())
    assert not deduplicator.unchanged(URL, DIGEST, "crawl.a-0-1")
    counts = deduplicator.telemetry.state(0).counts
    assert (counts["suspicions"], counts["false_suspicions"]) == (1, 1)


def test_a_page_that_was_seen_but_never_indexed_goes_on():
    deduplicator = Deduplicator(set(), MemoryIndex())
    deduplicator.unchanged(URL, DIGEST, "crawl.a-0-1")
    assert not deduplicator.unchanged(URL, DIGEST, "crawl.a-0-1")


def test_a_replay_of_the_record_that_was_indexed_is_no_duplicate():
    assert not Deduplicator({bytes.fromhex(DIGEST)}, holding()).unchanged(URL, DIGEST, "crawl.a-0-1")


def test_a_lost_filter_is_filled_from_the_index():
    seen: set[bytes] = set()
    deduplicator = Deduplicator(seen, holding())
    assert remember(seen, [DIGEST]) == 1
    assert deduplicator.unchanged(URL, DIGEST, "crawl.a-0-2")
