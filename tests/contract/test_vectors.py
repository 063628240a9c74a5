"""What every store of vectors does: the same suite for Elasticsearch and for its in-memory twin."""

from __future__ import annotations

import time
import uuid
from dataclasses import dataclass

import pytest

from riverline.model import Document
from riverline.parsing.fingerprint import url_id
from riverline.search.contracts import DocumentStore
from riverline.search.mappings import first_version
from riverline.search.query import Query
from riverline.search.semantic.contracts import TextVector, VectorStore
from riverline.search.semantic.filling import VectorFilling
from riverline.search.semantic.reordering import Reordering
from riverline.testing.memory import MemoryIndex
from riverline.testing.memory_vectors import MemoryVectors, WordEmbeddings

NOW = 1_760_000_000_000
ONE = TextVector("digest", {"model": bytes([1, 0, 255])})
OTHER = TextVector("digest", {"model": bytes([2, 3, 4]), "another model, 2.0": bytes([5])})


@dataclass
class Vectors:
    """A store, the index whose documents it is of, and that index again as people search it."""

    store: VectorStore
    index: DocumentStore
    searcher: MemoryIndex

    def write(self, *documents: Document) -> None:
        self.index.write(documents, [])
        self.index.refresh()

    def read(self, point: str = "") -> tuple[list[str], str]:
        """The titles of all that was written after the point, and the point behind them."""
        titles: list[str] = []
        while (changes := self.store.changes(point)).point != point:
            titles += [one.title for one in changes.texts]
            point = changes.point
        return titles, point


@pytest.fixture(params=["memory", pytest.param("elasticsearch", marks=pytest.mark.integration)])
def vectors(request) -> Vectors:
    if request.param == "memory":
        index = MemoryIndex()
        return Vectors(MemoryVectors(index.written, index.stands), index, index)
    from riverline.adapters.elasticsearch import ElasticIndex
    from riverline.adapters.elasticsearch.vectors import ElasticVectors

    alias = f"vectored-{uuid.uuid4().hex[:8]}"
    index = ElasticIndex(request.getfixturevalue("stack").elasticsearch, documents=alias)
    index.ensure_schema()
    store = ElasticVectors(index.connection, documents=alias, name=f"{alias}-vectors")

    def end() -> None:
        store.forget()
        index.connection.call("DELETE", f"/{first_version(alias)}")
        index.close()

    request.addfinalizer(end)
    return Vectors(store, index, index)  # type: ignore[arg-type]


def document(number: int, body: str = "river", at: int = NOW) -> Document:
    url = f"https://a.example/{number}"
    return Document(url, "a.example", f"Title {number}", "", body, "article", crawled_at=at, text_digest=f"{number}")


def test_vectors_are_kept_by_id_and_replaced(vectors: Vectors) -> None:
    assert vectors.store.vectors(["a"]) == {} == vectors.store.vectors([])
    vectors.store.put({"a": ONE, "b": OTHER})
    vectors.store.put({"a": OTHER})
    vectors.store.put({})
    assert vectors.store.vectors(["a", "b", "c"]) == {"a": OTHER, "b": OTHER}


def test_what_is_written_is_read_from_a_point_on(vectors: Vectors) -> None:
    assert vectors.read() == ([], "")
    vectors.write(*map(document, range(5)))
    titles, point = vectors.read()
    assert titles == [f"Title {number}" for number in range(5)]
    assert vectors.read(point) == ([], point)
    vectors.write(document(7), document(2, at=NOW + 1))
    titles, _ = vectors.read(point)
    assert sorted(titles) == ["Title 2", "Title 7"]


def test_the_body_is_read_too(vectors: Vectors) -> None:
    vectors.write(document(1, "a long body"))
    (one,) = vectors.store.changes("").texts
    assert (one.id, one.body) == (url_id("https://a.example/1"), "a long body")


def test_the_point_is_kept(vectors: Vectors) -> None:
    assert vectors.store.point() == ""
    vectors.write(document(1))
    _, point = vectors.read()
    vectors.store.keep_point(point)
    assert vectors.store.point() == point != ""


def test_vectors_go_with_their_documents(vectors: Vectors) -> None:
    pages = [document(number) for number in range(4)]
    vectors.write(*pages)
    ids = [url_id(one.url) for one in pages]
    vectors.store.put(dict.fromkeys(ids, ONE))
    vectors.index.delete([pages[2].url], NOW)

    def swept() -> set[str]:
        after = vectors.store.sweep("")
        while after:
            after = vectors.store.sweep(after)
        return set(vectors.store.vectors(ids))

    deadline = time.monotonic() + 30  # what was put is swept as soon as searches see it
    while (left := swept()) != {*ids} - {ids[2]} and time.monotonic() < deadline:
        pass
    assert left == {*ids} - {ids[2]}


def test_all_of_it_can_be_forgotten(vectors: Vectors) -> None:
    vectors.store.put({"a": ONE})
    vectors.store.keep_point("[]")
    vectors.store.forget()
    vectors.store.forget()
    assert vectors.store.vectors(["a"]) == {} and vectors.store.point() == ""


def test_what_means_the_same_comes_first_once_it_has_a_vector(vectors: Vectors) -> None:
    vectors.write(*(document(number, "river and stones") for number in range(8)), document(8, "river and boats"))
    embeddings = WordEmbeddings({"ships": "boats"})
    reordering = Reordering(vectors.searcher, vectors.store, embeddings)
    query = Query("river ships", limit=3)
    before = reordering.search(query, NOW)
    assert [hit.url for hit in before.hits] == [hit.url for hit in vectors.searcher.search(query, NOW).hits]
    VectorFilling(vectors.store, embeddings, lambda: 0.0).turn()
    assert vectors.store.point().startswith(f"{embeddings.name}\n")
    after = reordering.search(query, NOW)
    assert after.hits[0].url == "https://a.example/8"
    assert (after.total, len(after.hits)) == (before.total, 3)
