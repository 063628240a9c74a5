"""Texts that say almost the same."""

import random
from array import array
from base64 import b64decode, b64encode

import pytest

from riverline.parsing.near_duplicates import PLACES, SIMILAR, are_near, bands, signature, similarity

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


def test_a_signature_of_an_older_version_is_still_compared():
    new = signature(" ".join(text(1)))
    old = b64encode(array("I", b64decode(new))[:PLACES].tobytes()).decode()
    assert bands(old) == bands(new) and similarity(old, new) == 1.0
    assert are_near(old, new, 0.8) and not are_near(old, new, 0.7)


def test_hangul_is_compared_by_its_syllables_whatever_the_spaces():
    written = "강변에서 자전거를 타는 사람들은 바람이 부는 날에도 나온다고 합니다 " * 4
    assert signature(written) == signature(written.replace(" ", "")) != ""
