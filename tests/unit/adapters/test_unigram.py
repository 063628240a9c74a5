"""Texts in pieces: those whose scores add up to most."""

from __future__ import annotations

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from riverline.adapters.embeddings.unigram import SPACE, UNKNOWN_BELOW, Unigram

PIECES = {SPACE: -3.0, "a": -2.0, "b": -2.5, "ab": -3.5, "ba": -3.9, SPACE + "a": -2.5, "abb": -4.2, "강": -5.0}
NAMES = list(PIECES)
UNKNOWN = len(NAMES)
READ = Unigram([*NAMES, "<unk>"], [*PIECES.values(), -1.0], UNKNOWN, {ord("B"): "b", 0xA0: " "})


def pieces(text: str) -> list[str]:
    return [NAMES[number] if number < UNKNOWN else "?" for number in READ.ids(text)]


def test_longer_pieces_are_taken_where_they_are_worth_more() -> None:
    assert pieces("ab") == [SPACE + "a", "b"]
    assert pieces("b abb") == [SPACE, "b", SPACE, "abb"]


def test_what_is_no_piece_is_unknown_and_the_rest_is_read() -> None:
    assert pieces("강x") == [SPACE, "강", "?"]
    assert READ.ids("x")[-1] == UNKNOWN


def test_characters_are_normalised_and_spaces_are_one() -> None:
    assert pieces("  aB\u00a0 b ") == pieces("ab b")


@given(st.text("ab 강x", max_size=9))
def test_no_other_division_scores_more(text: str) -> None:
    spaced = SPACE + SPACE.join(part for part in text.split(" ") if part)
    least = min(*PIECES.values(), -1.0) - UNKNOWN_BELOW

    def score(parts: list[str]) -> float:
        known = [PIECES[part] if part in PIECES else least if len(part) == 1 else -1e9 for part in parts]
        return sum(known)

    best = max(score(division(spaced, cuts)) for cuts in product((0, 1), repeat=len(spaced) - 1))
    found = sum(PIECES[NAMES[number]] if number < UNKNOWN else least for number in READ.ids(text))
    assert abs(found - best) < 1e-6


def division(text: str, cuts: tuple[int, ...]) -> list[str]:
    parts = [text[0]]
    for letter, cut in zip(text[1:], cuts, strict=True):
        if cut:
            parts.append(letter)
        else:
            parts[-1] += letter
    return parts
