"""Words as the keys that are pressed for them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverline.search.spelling.keys import Writing, in_hangul, is_whole, keys, neighbours, writing

SYLLABLES = st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1, max_size=6)


@given(SYLLABLES)
def test_the_keys_of_hangul_give_it_again(word):
    assert in_hangul(keys(word)) == word


@pytest.mark.parametrize(
    ("word", "pressed"),
    [("김치찌개", "rlaclWlro"), ("값싼", "rkqtTks"), ("웬", "dnps"), ("ㅗ디ㅣㅐ", "hello"), ("Zürich", "zurich")],
)
def test_keys(word, pressed):
    assert keys(word) == pressed


def test_a_consonant_before_a_vowel_begins_a_syllable():
    assert in_hangul("rkrtk") == "각사"
    assert in_hangul("rkrt") == "갃"


def test_letters_that_make_no_syllable_stand_alone():
    assert in_hangul("zz") == "ㅋㅋ" and not is_whole("ㅋㅋ") and not is_whole("")


@pytest.mark.parametrize(
    ("word", "kind"),
    [
        *(("강", Writing.HANGUL), ("ㅋㅋ", Writing.HANGUL), ("river", Writing.LATIN), ("café", Writing.LATIN)),
        *((word, None) for word in ("", "C++", "10kg", "강river", "a.example", "北京", "ｒｉｖｅｒ5")),
    ],
)
def test_a_word_that_can_be_spelled_is_of_one_writing(word, kind):
    assert writing(word) is kind


def test_neighbours_touch_with_shift_or_without():
    assert {"t", "y", "h", "b", "v", "f", "G", "T"} <= neighbours("g")
    assert not {"a", "g", "p"} & neighbours("g")
    assert "g" in neighbours("G")
