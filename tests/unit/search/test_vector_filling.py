"""Vectors are made of what was written, once each, and go with their documents."""

from __future__ import annotations

from riverline.model import Document
from riverline.parsing.fingerprint import url_id
from riverline.search.semantic.filling import TURN_SECONDS, Turn, VectorFilling
from riverline.testing.memory_vectors import READ, MemoryVectors, WordEmbeddings


def document(number: int, body: str = "river") -> Document:
    return Document(f"https://a.example/{number}", "a.example", "Title", "", body, "article", crawled_at=1)


class Filling:
    def __init__(self, count: int, seconds: float = 0.0) -> None:
        self.documents = [document(number) for number in range(count)]
        self.store, self.embeddings = MemoryVectors(self.documents), WordEmbeddings()
        self.seconds, self._now = seconds, 0.0
        self.filling = VectorFilling(self.store, self.embeddings, self._clock)

    def _clock(self) -> float:
        self._now += self.seconds
        return self._now

    def made(self) -> set[int]:
        held = self.store.vectors([url_id(one.url) for one in map(document, range(20))])
        return {number for number in range(20) if url_id(document(number).url) in held}


def test_all_that_was_written_gets_a_vector_and_none_is_made_twice() -> None:
    one = Filling(10)
    assert one.filling.turn() == Turn(10, 10)
    assert one.made() == set(range(10))
    assert one.filling.turn() == Turn()
    one.documents.append(document(10))
    assert one.filling.turn() == Turn(1, 1)


def test_only_a_changed_text_makes_a_new_vector() -> None:
    one = Filling(4)
    one.filling.turn()
    one.documents += [document(0), document(1, "mountain")]
    assert one.filling.turn() == Turn(2, 1)


def test_another_model_begins_anew_by_itself() -> None:
    one = Filling(4)
    one.filling.turn()
    other = WordEmbeddings()
    other.name = "another"
    assert VectorFilling(one.store, other, lambda: 0.0).turn() == Turn(4, 4)
    assert {*one.store.vectors([url_id(document(0).url)])[url_id(document(0).url)].vectors} == {"another"}


def test_a_point_of_an_earlier_version_begins_anew() -> None:
    one = Filling(4)
    one.store.keep_point("4")
    assert one.filling.turn() == Turn(4, 4)


def test_a_turn_ends_after_some_seconds_and_the_next_goes_on() -> None:
    one = Filling(10, seconds=TURN_SECONDS)
    assert one.filling.turn() == Turn(READ, READ)
    assert one.filling.turn() == Turn(READ, READ)
    assert len(one.made()) == 2 * READ


def test_a_lost_point_costs_a_look_and_no_vector() -> None:
    one = Filling(10)
    one.filling.turn()
    one.store.keep_point("")
    assert one.filling.turn() == Turn(10, 0)


def test_vectors_of_documents_that_are_gone_go_too() -> None:
    one = Filling(10)
    one.filling.turn()
    del one.documents[3:6]
    for _ in range(10):
        one.filling.turn()
    assert one.made() == set(range(10)) - {3, 4, 5}


def test_forgotten_vectors_are_made_again() -> None:
    one = Filling(5)
    one.filling.turn()
    one.store.forget()
    assert one.made() == set()
    assert one.filling.turn() == Turn(5, 5)
