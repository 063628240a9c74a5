"""What the tasks do, over the in-memory index."""

import subprocess
import sys

import pytest

from riverline.errors import Transient
from riverline.model import Document, Fate, Search
from riverline.search.query import Query
from riverline.search.semantic.filling import VectorFilling
from riverline.services import Services
from riverline.settings import Settings
from riverline.testing.memory import MemoryIndex, MemoryLog
from riverline.testing.memory_clicks import MemoryClicks
from riverline.testing.memory_key_value import MemoryKeyValue
from riverline.testing.memory_vectors import MemoryVectors, WordEmbeddings
from riverline_tasks import searches, upkeep, vectors, words

NOW = 1_760_000_000_000


@pytest.fixture
def index(monkeypatch) -> MemoryIndex:
    index = MemoryIndex()
    clicks, key_value = MemoryClicks(), MemoryKeyValue()
    services = Services(
        Settings(), index, MemoryLog(), lambda: NOW, make_key_value=lambda: key_value, make_clicks=lambda: clicks
    )
    for module in (searches, upkeep, vectors, words):
        monkeypatch.setattr(module, "services", lambda: services)
    return index


def test_a_search_is_filed_once_though_its_task_runs_twice(index):
    for _ in range(2):
        searches.record_search("  한강   자전거 ", "ko-KR", NOW, 3, 12, "r1")
    (search,) = index.searches.values()
    assert (search.keyword, search.hits, search.created_at) == ("한강 자전거", 3, NOW)


def test_fates_older_than_a_week_are_dropped(index):
    index.write(
        [], [Fate("crawl.a-0-1", "indexed", "u", at=NOW - 8 * 86_400_000), Fate("crawl.a-0-2", "indexed", "u", at=NOW)]
    )
    assert upkeep.drop_outdated_fates() == ["fates-2025.10.01"]


def page(url, at=NOW) -> Document:
    return Document(url, "a.example", "t", "s", "b", "article", crawled_at=at)


def clicks_of(index) -> dict[str, int]:
    index.refresh()
    return {hit.url: hit.click_count for hit in index.search(Query(), NOW).hits}


def test_a_click_is_counted_once_though_its_task_runs_twice(index):
    index.write([page("u")], [])
    for request_id in ("r1", "r1", "r2"):
        searches.count_click(request_id, "u", 1)
    assert clicks_of(index) == {"u": 2}


def test_a_click_is_noted_at_its_search(index):
    searches.record_search("river", "", 1, 3, 5, "r1")
    searches.note_click("r1", 2)
    assert index.clicked == {"r1": 2}


def test_a_click_whose_search_is_not_filed_yet_is_noted_later_and_in_the_end_forgotten(index):
    with pytest.raises(Transient):
        searches.note_click("r1", 2)
    searches.note_click.apply(("r1", 2), retries=searches.NOTED_TRIES).get()
    assert index.clicked == {}


def test_counts_that_the_index_lost_are_repaired(index):
    searches.count_click("r1", "u", 1)
    index.write([page("u")], [])
    assert searches.repair_clicks() == 1
    assert clicks_of(index) == {"u": 1}


def test_searches_are_kept_for_as_long_as_the_settings_say(index):
    days = 90
    for age in (days * upkeep.DAY_MS - 1, days * upkeep.DAY_MS + 1):
        index.record_search(Search("t", "", NOW - age, 1, 1, f"r{age}"))
    upkeep.forget_searches()
    assert [search.created_at for search in index.searches.values()] == [NOW - days * upkeep.DAY_MS + 1]


def test_the_dictionary_is_made_of_what_is_indexed(index):
    index.write([page("u")], [])
    index.refresh()
    assert words.read_words() == "made"
    assert words.services().dictionary.fetch().dictionary.documents == 1
    assert {"fork", "quantum"} <= set(words.english())


def test_vectors_are_made_in_one_process_at_a_time(index, monkeypatch):
    embeddings = WordEmbeddings()
    index.write([page("u"), page("v")], [])
    store = MemoryVectors(index.written)
    monkeypatch.setattr(vectors, "filling", lambda: VectorFilling(store, embeddings, lambda: 0.0))
    key_value = vectors.services().key_value
    key_value.put_new(vectors.TURN, b"another", 60)
    assert vectors.make_vectors() == 0
    key_value.release(vectors.TURN, b"another")
    assert vectors.make_vectors() == 2
    assert vectors.make_vectors() == 0
    assert key_value.get([vectors.TURN]) == [None]


def test_importing_the_package_imports_nothing():
    """`sparse submit` imports it as a module of the topology's, where Celery is not installed."""
    code = "import sys, riverline_tasks; sys.exit('celery' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_popular_searches_are_asked_again_before_they_grow_old(index):
    index.write([page("u")], [])
    index.refresh()
    index.record_search(Search("t", "", NOW - 1, 1, 1, "r"))
    assert searches.refresh_popular() == 1
    assert searches.services().search.page(Query("T", limit=10).ordered(None)).cached


def test_a_search_that_costs_much_is_not_asked_for_again_however_popular_it_is(index):
    index.write([page("u")], [])
    index.refresh()
    for number in range(5):
        index.record_search(Search(" ".join(f"t{n}" for n in range(30)), "", NOW - 1, 1, 1, f"r{number}"))
    index.record_search(Search("t", "", NOW - 1, 1, 1, "r"))
    assert searches.refresh_popular() == 1


def test_while_nobody_searches_nothing_is_asked_for_again(index):
    index.write([page("u")], [])
    index.refresh()
    index.record_search(Search("t", "", NOW - searches.STILL_MS - 1, 1, 1, "r"))
    assert searches.refresh_popular() == 0
