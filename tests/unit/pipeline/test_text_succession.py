"""A text that lost its holder is processed again from a record that ended as its duplicate."""

from dataclasses import replace

import pytest

from riverline.model import Document, Fate, Page
from riverline.parsing.fingerprint import text_digest
from riverline.pipeline.indexing import BulkLimits, Indexer
from riverline.pipeline.records import page_of
from riverline.testing.memory import MemoryIndex
from riverline.testing.memory_log import MemoryLog

OLD, NEW, OTHER = (f"http://a.example/{name}" for name in ("old", "new", "other"))


class Site:
    """Pages whose records are made and processed one by one."""

    def __init__(self) -> None:
        self.index, self.log, self.now = MemoryIndex(), MemoryLog(clock=self.clock), 0
        self.indexer = Indexer(self.index, self.log, BulkLimits(), lambda: 0.0, self.clock)

    def clock(self) -> int:
        self.now += 1
        return self.now

    def fetch(self, url: str, text: str, **fate) -> None:
        self.log.append("crawl.a", Page(url, url, text.encode(), fetched_at=self.clock()))
        self.process(len(self.records) - 1, **fate)

    def process(self, offset: int, **changes) -> None:
        record = self.records[offset]
        page = page_of(record)
        fate = Fate(f"crawl.a-0-{offset}", "indexed", page.key, at=record.timestamp, fetched_at=page.fetched_at)
        document = None
        if not changes:
            text = page.body.decode()
            document = Document(
                page.key, "a.example", "", "", text, "article", page.fetched_at, text_digest=text_digest(text)
            )
        self.indexer.add(str(offset), replace(fate, **changes), document)
        self.indexer.flush()

    def gone(self, url: str) -> None:
        self.fetch(url, "", outcome="filtered", reason="gone")

    @property
    def records(self):
        return self.log.records["crawl.a"]

    @property
    def replays(self) -> list[tuple[str, str]]:
        return [(page.key, page.replay_of) for page in map(page_of, self.records) if page.replay_of]


@pytest.fixture
def site() -> Site:
    site = Site()
    site.fetch(OLD, "T")
    site.fetch(NEW, "T")
    return site


def test_an_article_that_was_met_at_its_new_address_first_is_processed_again_when_the_old_one_is_gone(site):
    site.gone(OLD)
    assert set(site.replays) == {(NEW, "crawl.a-0-1")}
    site.process(len(site.records) - 1)
    assert list(site.index.stored([OLD, NEW])) == [NEW]


def test_so_it_is_when_the_holder_says_something_else(site):
    site.fetch(OLD, "U")
    assert set(site.replays) == {(NEW, "crawl.a-0-1")}


def test_so_it_is_when_the_holder_becomes_a_copy_itself(site):
    site.fetch(OTHER, "U")
    site.fetch(OLD, "U")
    assert set(site.replays) == {(NEW, "crawl.a-0-1")}


def test_a_copy_that_says_something_else_by_now_or_is_gone_is_left_alone(site):
    site.fetch(NEW, "U")
    site.fetch(OTHER, "T")
    site.gone(OTHER)
    site.gone(OLD)
    assert site.replays == []


def test_a_copy_whose_page_could_not_be_fetched_since_is_processed_again(site):
    site.fetch(NEW, "", outcome="filtered", reason="status_500")
    site.gone(OLD)
    assert set(site.replays) == {(NEW, "crawl.a-0-1")}


def test_nobody_is_called_while_another_page_holds_the_text(site):
    site.gone(OLD)
    site.process(len(site.records) - 1)
    count = len(site.replays)
    site.fetch(OTHER, "T")
    site.gone(OTHER)
    assert len(site.replays) == count


def test_a_record_that_kafka_holds_no_more_is_passed_over(site, monkeypatch):
    monkeypatch.setattr(site.log, "records_at", lambda origins: iter(()))
    site.gone(OLD)
    assert site.replays == [] and not site.index.stored([OLD])


LATER = 3_600_000  # the index has forgotten what was deleted


def forget(site):
    site.now += LATER
    site.index._deleted.clear()
    site.index.refresh()


@pytest.mark.parametrize("reason", ["gone", "noindex"])
def test_an_older_record_that_comes_late_does_not_bring_a_page_back_that_left(site, reason):
    site.fetch(OLD, "", outcome="filtered", reason=reason)
    forget(site)
    site.process(0)
    assert OLD not in site.index.stored([OLD])


def test_nor_one_of_a_page_that_became_a_copy_since(site):
    site.fetch(OTHER, "U")
    site.fetch(OLD, "U")
    forget(site)
    site.process(0)
    assert list(site.index.stored([OLD, OTHER])) == [OTHER]


def test_what_could_not_be_fetched_since_it_left_does_not_hide_that_it_did(site):
    site.gone(OLD)
    site.fetch(OLD, "", outcome="filtered", reason="status_500")
    forget(site)
    site.process(0)
    assert OLD not in site.index.stored([OLD])


def test_a_page_that_is_back_comes_in_however_late_though_its_end_is_replayed_after_it(site):
    site.gone(OLD)
    page = Page(OLD, OLD, b"B", fetched_at=site.clock())
    site.log.append("crawl.a", page)
    gone = next(page_of(one) for one in site.records if page_of(one).key == OLD and not page_of(one).body)
    site.log.append("crawl.a", replace(gone, replay_of="crawl.a-0-2"))
    site.process(len(site.records) - 1, outcome="filtered", reason="gone")
    forget(site)
    site.process(len(site.records) - 2)
    assert OLD in site.index.stored([OLD])


def test_pages_crawled_just_now_cost_no_look_up(site, monkeypatch):
    monkeypatch.setattr(site.index, "latest_fates", None)
    site.fetch(OTHER, "U")
    assert OTHER in site.index.stored([OTHER])
