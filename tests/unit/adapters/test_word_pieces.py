"""Texts in BERT's pieces: as the tokenizer of that model cuts them."""

from __future__ import annotations

import pytest

from riverline.adapters.embeddings.word_pieces import LONGEST, WordPieces

PIECES = ["[UNK]", "bus", "##es", "the", "un", "##bus", "##b", "zurich", ",", "-", "_", "東", "京", "1", "##4", "a"]
READ = WordPieces(PIECES, 0)


@pytest.mark.parametrize(
    ("text", "pieces"),
    [
        ("The buses", ["the", "bus", "##es"]),
        ("unbus", ["un", "##bus"]),
        ("unb bus", ["un", "##b", "bus"]),
        ("Zürich, ZURICH", ["zurich", ",", "zurich"]),
        ("bus-bus_bus", ["bus", "-", "bus", "_", "bus"]),
        ("東京14", ["東", "京", "1", "##4"]),
        ("bus tram bus", ["bus", "[UNK]", "bus"]),
        ("b\u200bus\ufeff", ["bus"]),
        ("bus\nthe\tbus", ["bus", "the", "bus"]),
        (" \r\n ", []),
    ],
)
def test_words_are_cut_into_the_longest_pieces(text: str, pieces: list[str]) -> None:
    assert [PIECES[number] for number in READ.ids(text)] == pieces


def test_a_word_without_end_is_unknown() -> None:
    pieces = WordPieces(["[UNK]", "a", "##a"], 0)
    assert pieces.ids("a" * LONGEST) == [1] + [2] * (LONGEST - 1)
    assert pieces.ids("a" * (LONGEST + 1)) == [0]
