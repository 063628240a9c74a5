"""The first results, ordered anew by what they mean."""

from __future__ import annotations

from dataclasses import replace

import pytest

from riverline.errors import Transient
from riverline.model import Document
from riverline.parsing.fingerprint import url_id
from riverline.search.cursor import decoded, encoded
from riverline.search.query import Query, Sort
from riverline.search.results import Hit, Results
from riverline.search.semantic.contracts import QueryVector, TextVector
from riverline.search.semantic.likeness import cosine, likenesses, numbers
from riverline.search.semantic.reordering import WINDOW, Reordering, ordered, weight
from riverline.testing.memory import MemoryIndex
from riverline.testing.memory_vectors import MemoryVectors, WordEmbeddings

NOW = 1_760_000_000_000


def page(number: int, body: str, title: str = "river") -> Document:
    url = f"https://a.example/{number}"
    return Document(url, "a.example", title, "", f"{body} {number}", "article", crawled_at=NOW, text_digest=f"{number}")


class Searching:
    """An index in memory with vectors of its documents, but for those that are told."""

    def __init__(self, documents: list[Document], same: dict[str, str] | None = None, without: str = "") -> None:
        self.index, self.embeddings = MemoryIndex(), WordEmbeddings(same)
        self.index.write(documents, [])
        self.index.refresh()
        self.vectors = MemoryVectors(documents)
        made = {one.url: TextVector("", self.embeddings.of_document(one.body)) for one in documents}
        self.vectors.put({url_id(url): vector for url, vector in made.items() if url != without})
        self.failures = 0
        self.reordering = Reordering(self.index, self.vectors, self.embeddings, self._failed)

    def _failed(self) -> None:
        self.failures += 1

    def bodies(self, query: Query) -> list[str]:
        return [hit.url for hit in self.reordering.search(query, NOW).hits]

    def all(self, query: Query) -> list[str]:
        found: list[str] = []
        while True:
            results = self.reordering.search(query, NOW)
            found += [hit.url for hit in results.hits]
            if results.next is None:
                return found
            cursor = encoded(results.next, query.key)
            query = replace(query, after=decoded(cursor, query.key))


def test_of_equal_scores_what_means_the_same_comes_first() -> None:
    documents = [page(number, "river stones") for number in range(9)] + [page(9, "river boats")]
    searching = Searching(documents, same={"ships": "boats"})
    query = Query("river ships", limit=3)
    assert searching.bodies(query)[0] == "https://a.example/9"
    assert searching.index.search(query, NOW).hits[0].url != "https://a.example/9"


def test_a_far_better_score_stays_first() -> None:
    hits = [_hit("a", 10.0), _hit("b", 1.0)]
    assert [hit.id for hit in ordered(hits, {"a": 0.5, "b": 0.9}, 2.0)] == ["a", "b"]
    assert [hit.id for hit in ordered(hits, {"a": 0.5, "b": 0.9}, 2.5)] == ["b", "a"]


def test_meaning_counts_more_the_more_words_describe_it() -> None:
    texts = (
        "",
        "river",
        "the river",
        "river stones",
        "river stones bridge",
        "river " * 20,
        " ".join(f"word{number}" for number in range(16)),
    )
    assert [round(weight(Query(text)), 2) for text in texts] == [0.0, 0.0, 0.0, 0.4, 0.8, 0.0, 3.0]
    assert weight(Query('"river stones"')) == weight(Query("river stones"))


def test_meaning_counts_less_where_words_are_wrapped_into_a_question() -> None:
    assert weight(Query("what is the river like stones")) == weight(Query("river like stones")) / 2
    assert weight(Query("강가 산책하기 좋은 곳은 어디")) == pytest.approx(1.2 * 4 / 5)


def test_no_more_is_found_than_without_meaning() -> None:
    """Fewer of the words are enough where a page cannot be filled, not where the first 50 cannot."""
    searching, asked = Searching([page(number, "river stones") for number in range(12)]), []
    search = searching.index.search

    def noted(query: Query, now_ms: int) -> Results:
        asked.append((query.limit, query.enough))
        return search(query, now_ms)

    searching.index.search = noted  # type: ignore[method-assign]
    searching.bodies(Query("river stones", limit=10))
    assert asked == [(WINDOW, 10)]


def test_what_has_no_vector_counts_as_the_average() -> None:
    hits = [_hit("a", 1.0), _hit("b", 1.0), _hit("c", 1.0)]
    assert [hit.id for hit in ordered(hits, {"a": 0.2, "c": 0.8}, 1.0)] == ["c", "b", "a"]
    assert ordered(hits, {}, 1.0) == hits


def _hit(name: str, score: float) -> Hit:
    return Hit(name, name, "", "", "", "article", "", "", NOW, score=score)


@pytest.mark.parametrize("limit", [1, 7, 10, 49, 50, 51, 100])
def test_every_result_comes_once_whatever_the_size_of_a_page(limit: int) -> None:
    documents = [page(number, "river " + "stones " * (1 + number % 5)) for number in range(WINDOW + 13)]
    searching = Searching(documents)
    query = Query("river stones", limit=limit)
    found = searching.all(query)
    assert sorted(found) == sorted(one.url for one in documents)
    assert found[:WINDOW] == searching.all(replace(query, limit=WINDOW))[:WINDOW]
    first = searching.reordering.search(query, NOW)
    assert first.total == len(documents) and len(first.hits) == min(limit, len(documents)) and first.facets


def test_results_that_are_shown_have_their_words_marked() -> None:
    searching = Searching([page(number, "river stones", title="A river") for number in range(3)])
    hits = searching.reordering.search(Query("river stones"), NOW).hits
    assert [hit.title_html for hit in hits] == ["A <mark>river</mark>"] * 3


@pytest.mark.parametrize(
    "query",
    [
        Query(),
        Query("river"),
        Query("what is the river?"),
        Query("river stones", sort=Sort.NEWEST),
        Query("river stones", group="1"),
    ],
)
def test_what_is_not_ranked_by_several_words_is_left_alone(query: Query) -> None:
    searching = Searching([page(number, "river") for number in range(5)])
    asked = len(searching.embeddings.asked)
    assert searching.reordering.search(query, NOW) == searching.index.search(query, NOW)
    assert len(searching.embeddings.asked) == asked


def test_without_vectors_results_are_the_indexs_own() -> None:
    searching = Searching([page(number, "river " * number) for number in range(1, 9)])
    query = Query("river stones", limit=5)

    def away(ids: object) -> dict[str, TextVector]:
        raise Transient("away")

    searching.vectors.vectors = away  # type: ignore[method-assign]
    assert searching.bodies(query) == [hit.url for hit in searching.index.search(query, NOW).hits]
    assert searching.failures == 1


def test_a_query_is_made_a_vector_of_once() -> None:
    searching = Searching([page(number, "river") for number in range(5)])
    made = len(searching.embeddings.asked)
    for _ in range(3):
        searching.bodies(Query("river stones", limit=2))
    assert len(searching.embeddings.asked) == made + 1


def test_likeness_is_the_cosine_of_signed_numbers() -> None:
    one, other = bytes([127, 0, 129]), bytes([127, 0, 127])
    assert numbers(one) == [127, 0, -127]
    assert cosine(numbers(one), numbers(one)) == pytest.approx(1.0)
    assert cosine(numbers(one), numbers(other)) == pytest.approx(0.0)
    assert cosine([0, 0], [1, 1]) == 0.0


def test_vectors_of_one_model_alone_are_compared() -> None:
    asked, same, other = QueryVector("one", bytes([3, 4])), bytes([4, 3]), bytes([3, 4])
    held = {
        "both": TextVector("", {"one": same, "another": other}),
        "same": TextVector("", {"one": same}),
        "other": TextVector("", {"another": other}),
        "none": TextVector("", {}),
    }
    assert likenesses(asked, held) == pytest.approx({"both": 0.96, "same": 0.96})
