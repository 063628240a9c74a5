"""Texts that say almost the same."""

import random

import pytest

from riverline.text.near import SIMILAR, bands, signature, similarity

WORDS = [f"낱말{number}" for number in range(2000)]


def text(seed: int, words: int = 300) -> list[str]:
    return random.Random(seed).choices(WORDS, k=words)


def edited(words: list[str], changes: int) -> list[str]:
    chance, copy = random.Random(changes), list(words)
    for at in chance.sample(range(len(copy)), changes):
        copy[at] = "바뀐말"
    return copy


def test_a_text_is_like_itself_whatever_its_case_and_punctuation():
    one = " ".join(["Kimchi stew", *text(1)])
    assert similarity(signature(one), signature(one.upper().replace(" ", ",  "))) == 1.0


@pytest.mark.parametrize("seed", range(20))
def test_a_lightly_edited_text_is_similar_and_shares_a_band(seed):
    original, copy = signature(" ".join(text(seed))), signature(" ".join(edited(text(seed), 6)))
    assert similarity(original, copy) >= SIMILAR
    assert set(bands(original)) & set(bands(copy))


@pytest.mark.parametrize("seed", range(20))
def test_other_texts_are_not(seed):
    assert similarity(signature(" ".join(text(seed))), signature(" ".join(text(seed + 100)))) < 0.2


def test_a_short_text_has_no_signature_and_is_like_nothing():
    assert signature("짧은 글입니다") == "" and bands("") == ()
    assert similarity("", "") == 0.0
