"""Digests of URLs, pages and texts."""

from hypothesis import given
from hypothesis import strategies as st

from riverline.parsing.fingerprint import folded_text, page_digest, text_digest, url_id


def test_the_id_of_a_url_is_forty_hexadecimal_digits_and_never_changes():
    assert url_id("https://news.example/a") == "6655c5bbbd03a9019be73cbdc824d64fdc148f59"


def test_a_url_and_a_body_cannot_be_taken_for_another_pair_with_the_same_bytes():
    assert page_digest("https://a/", b"bc") != page_digest("https://a/b", b"c")


def test_texts_that_differ_in_case_width_spaces_and_punctuation_share_a_digest():
    assert text_digest("Ｈello,  World!") == text_digest("hello world")


def test_a_text_in_composed_and_decomposed_hangul_shares_a_digest():
    assert text_digest("한국어") == text_digest("\u1112\u1161\u11ab\u1100\u116e\u11a8\u110b\u1165")


def test_one_changed_word_changes_the_digest():
    assert text_digest("rain in Seoul") != text_digest("rain in Busan")


def test_a_text_without_letters_has_no_digest():
    assert text_digest(" … — !") == ""


@given(st.text())
def test_folding_a_folded_text_changes_nothing(text):
    assert folded_text(folded_text(text)) == folded_text(text)


@given(st.text(alphabet=st.characters(codec=None)))
def test_any_text_has_an_id(text):
    assert len(url_id(text)) == 40
