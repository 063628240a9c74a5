"""What somebody has typed so far."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverline.search.autocomplete import Beginnings, begins, letters, starts, typed_part


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("ㅎ", "한강"),
        ("하", "한강"),
        ("한", "한강"),
        ("한ㄱ", "한강"),
        ("한가", "한강"),
        ("ㅎㄱ", "한강 자전거"),
        ("ㅈㅈㄱ", "한강 자전거"),
        ("자", "한강 자전거"),
        ("한강자", "한강 자전거"),
        ("과", "관악산"),
        ("고", "과학"),
        ("닭", "닭갈비"),
        ("달", "닭갈비"),
        ("ㄷㄱㅂ", "닭갈비"),
        ("값", "값싼 여행"),
        ("갑", "값싼 여행"),
        ("riv", "The River Walk"),
        ("RIVER w", "The river walk"),
        ("카ㅍ", "카프카 입문"),
        ("kafka ㅇ", "Kafka 운영"),
    ],
)
def test_it_is_on_the_way_to(typed, text):
    assert begins(text, letters(typed))


@pytest.mark.parametrize(
    ("typed", "text"), [("ㅎㄴ", "한강"), ("간", "한강"), ("iver", "River"), ("!", "River"), ("", "x")]
)
def test_it_is_not_on_the_way_to(typed, text):
    assert not begins(text, letters(typed))


@given(st.text(st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3), min_size=1, max_size=10))
def test_every_beginning_of_a_word_is_on_the_way_to_it(word):
    assert all(begins(word, letters(word[:n])) for n in range(1, len(word) + 1))


def test_letters_that_are_written_apart_are_the_syllables_that_they_make():
    assert starts(unicodedata.normalize("NFD", "한강 공원")) == starts("한강 공원")


TEXTS = st.lists(st.text("한강공원 가각ㅎabAB", max_size=6), max_size=8, unique=True)


@given(TEXTS, st.text("한하ㅎㄱ가aB", max_size=3), st.integers(1, 4))
def test_of_many_texts_the_first_that_begin_so_are_found(texts, typed, most):
    wanted = [text for text in texts if begins(text, letters(typed))]
    assert Beginnings(texts).of(letters(typed), most) == wanted[:most]


@pytest.mark.parametrize(
    ("text", "typed", "part"),
    [
        ("한강 자전거 길", "한", "한"),
        ("한강 자전거 길", "하", "한"),
        ("한강 자전거 길", "ㅎㄱ", "한강"),
        ("한강 자전거 길", "강", ""),
        ("한강 자전거 길", "한강자전", "한강 자전"),
        ("The River Walk", "riv", "Riv"),
        ("🚲 River", "ri", "Ri"),
        ("C++ 강좌", "c강", "C++ 강"),
        ("한강", "?!", ""),
    ],
)
def test_the_part_of_a_suggestion_that_was_typed_is_known(text, typed, part):
    start, end = typed_part(text, letters(typed))
    assert text[start:end] == part


@given(st.text(), st.text())
def test_any_text_has_a_typed_part_where_it_begins_so(text, typed):
    start, end = typed_part(text, letters(typed))
    assert 0 <= start <= end <= len(text)
