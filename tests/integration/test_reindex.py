"""A reindex on the real server, under writes, deletions and clicks."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest

from riverline.adapters.elasticsearch import ElasticIndex
from riverline.adapters.elasticsearch.reindexing import Reindexing
from riverline.errors import Fatal, Invalid, Transient
from riverline.model import Document
from riverline.search import mappings
from riverline.search.contracts import Outcome
from riverline.settings import Settings
from tests.support.stack import until

DOCUMENTS = 600
RATE = 300  # documents a second: slow enough that much is written meanwhile
WRITERS = 3


@pytest.fixture
def index(stack: Settings) -> Iterator[ElasticIndex]:
    """A collection of documents of its own."""
    made = ElasticIndex(stack.elasticsearch, f"again{uuid.uuid4().hex[:12]}")
    made.ensure_schema()
    yield made
    for name in made.connection.call("GET", f"/{made._documents}-v*/_alias"):
        made.connection.call("DELETE", f"/{name}")
    made.close()


def alias(index: ElasticIndex) -> str:
    return index._documents


def work(index: ElasticIndex, stack: Settings, **options: object) -> Reindexing:
    return Reindexing(index.connection, stack.elasticsearch, alias(index), **options)  # type: ignore[arg-type]


def document(number: int, at: int) -> Document:
    title = f"문서 {number} as of {at}"
    return Document(f"http://a.example/{number}", "a.example", title, "", title, "article", at, text_digest=f"{number}")


def fill(index: ElasticIndex, count: int) -> dict[str, Document]:
    documents = [document(number, 1000 + number) for number in range(count)]
    for at in range(0, count, 500):
        assert {each.outcome for each in index.write(documents[at : at + 500], [])} == {Outcome.WRITTEN}
    return {each.url: each for each in documents}


def silent(*_: object) -> None:
    pass


class Writer(threading.Thread):
    """Writes, rewrites, deletes and counts clicks of URLs of its own; knows what must stand in the index.

    It waits and tries again while the index is busy, as IndexBolt and the tasks do."""

    def __init__(self, index: ElasticIndex, number: int, documents: dict[str, Document]) -> None:
        super().__init__(daemon=True)
        self.index, self.number = index, number
        self.documents = {u: d for u, d in documents.items() if int(u.rsplit("/", 1)[1]) % WRITERS == number}
        self.clicks: dict[str, int] = {}
        self.written = self.waited = 0
        self._ended = threading.Event()
        self._chance = random.Random(number)
        self._at = 1_000_000

    def run(self) -> None:
        fresh = DOCUMENTS + self.number
        while not self._ended.is_set():
            urls = list(self.documents)
            self._at += 1
            self._withdraw(self._chance.sample(urls, 2))
            kept = [self.documents[url] for url in self._chance.sample(list(self.documents), 6)]
            rewritten = replace(kept[0], title="다시", body="the same version, parsed better")
            newer = [replace(one, title=f"{one.title}, later", crawled_at=self._at) for one in kept[1:4]]
            self._write([rewritten, *newer, document(fresh, self._at)])
            fresh += WRITERS
            self._click([one.url for one in kept[4:]])

    def end(self) -> None:
        self._ended.set()
        self.join(60)
        assert not self.is_alive()

    def _write(self, documents: list[Document]) -> None:
        waiting = documents
        while waiting:
            try:
                answers = self.index.write(waiting, [])
            except Transient:
                answers = None
            if answers is not None:
                assert {one.outcome for one in answers} <= {Outcome.WRITTEN, Outcome.BUSY}, answers
                waiting = [d for d, one in zip(waiting, answers, strict=True) if one.outcome is Outcome.BUSY]
            self._pause(waiting)
        self.documents |= {each.url: each for each in documents}
        self.written += len(documents)

    def _withdraw(self, urls: list[str]) -> None:
        self._again(lambda: self.index.delete(urls, self._at))
        for url in urls:
            del self.documents[url]
            self.clicks.pop(url, None)

    def _click(self, urls: list[str]) -> None:
        totals = {url: self.clicks.get(url, 0) + 1 for url in urls}
        self._again(lambda: self.index.count_clicks(totals))
        self.clicks |= totals

    def _again(self, act: object) -> None:
        while True:
            try:
                return act()  # type: ignore[operator]
            except Transient:
                self._pause([act])

    def _pause(self, waiting: list[object]) -> None:
        if waiting:
            self.waited += 1
            time.sleep(0.05)


def contents(index: ElasticIndex) -> dict[str, tuple[int, str, int, int]]:
    """By URL: crawled at, title, clicks, version."""
    index.refresh()
    found: dict[str, tuple[int, str, int, int]] = {}
    body: dict[str, object] = {"size": 1000, "sort": [{"id": "asc"}], "version": True}
    while hits := index._search(body)["hits"]["hits"]:
        for hit in hits:
            source = hit["_source"]
            found[source["url"]] = source["crawled_at"], source["title"], source["click_count"], hit["_version"]
        body["search_after"] = hits[-1]["sort"]
    return found


@pytest.mark.parametrize("recompute", [False, True])
def test_nothing_is_missing_and_nothing_stale_after_a_reindex_under_writes(
    stack: Settings, index: ElasticIndex, recompute: bool
) -> None:
    documents = fill(index, DOCUMENTS)
    index.count_clicks({"http://a.example/7": 5})
    writers = [Writer(index, number, documents) for number in range(WRITERS)]
    writers[7 % WRITERS].clicks["http://a.example/7"] = 5
    for writer in writers:
        writer.start()
    try:
        done = work(index, stack, rate=RATE, recompute=recompute).run(silent)
        before = sum(writer.written for writer in writers)
        assert until(lambda: sum(writer.written for writer in writers) > before + 50, 120)  # they go on in the new one
    finally:
        for writer in writers:
            writer.end()
    wanted = {
        url: (each.crawled_at, each.title, writer.clicks.get(url, 0), each.crawled_at)
        for writer in writers
        for url, each in writer.documents.items()
    }
    assert contents(index) == wanted
    assert done.caught_up > 0 and done.removed > 0
    assert work(index, stack).current() == f"{alias(index)}-v2"


def test_a_search_answers_all_the_time(stack: Settings, index: ElasticIndex) -> None:
    fill(index, 500)
    index.refresh()
    counts: set[int] = set()
    ended = threading.Event()

    def ask() -> None:
        while not ended.is_set():
            body = {"size": 0, "track_total_hits": True}
            counts.add(index._search(body)["hits"]["total"]["value"])

    asking = threading.Thread(target=ask)
    asking.start()
    work(index, stack).run(silent)
    ended.set()
    asking.join(30)
    assert counts == {500}


def test_the_old_index_is_kept_closed_until_it_is_dropped(stack: Settings, index: ElasticIndex) -> None:
    fill(index, 10)
    work(index, stack).run(silent)
    old = f"{alias(index)}-v1"
    assert work(index, stack).others() == [old]
    with pytest.raises(Transient, match="block"):
        index.connection.call("PUT", f"/{old}/_doc/1", {"id": "1"})
    assert work(index, stack).drop_old() == [old]
    assert work(index, stack).others() == []
    assert len(contents(index)) == 10


def test_an_interrupted_reindex_is_named_and_begun_anew(stack: Settings, index: ElasticIndex) -> None:
    fill(index, 10)
    index.connection.call("PUT", f"/{alias(index)}-v2")
    index.connection.call("PUT", f"/{alias(index)}-v1/_block/write")  # it was killed at the worst moment
    with pytest.raises(Invalid, match="--again"):
        work(index, stack).run(silent)
    assert work(index, stack).recover() == [f"{alias(index)}-v2"]
    fill(index, 20)
    assert work(index, stack).run(silent).documents == 20


def test_a_document_that_the_new_mappings_refuse_leaves_everything_as_it_was(
    stack: Settings, index: ElasticIndex, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(index, 10)
    refusing = {**mappings.documents_mapping()["properties"], "title": {"type": "integer"}}
    monkeypatch.setattr(mappings, "documents_mapping", lambda: {"dynamic": False, "properties": refusing})
    with pytest.raises(Fatal, match="cannot be filled"):
        work(index, stack).run(silent)
    monkeypatch.undo()
    assert (work(index, stack).current(), work(index, stack).others()) == (f"{alias(index)}-v1", [])
    fill(index, 20)
    assert len(contents(index)) == 20
