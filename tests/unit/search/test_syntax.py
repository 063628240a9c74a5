"""The language of the search box."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverline.search.syntax import MOST_OF_A_KIND, Words, words


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("han river", Words(words=("han", "river"))),
        ('"han river" boat', Words(words=("boat",), phrases=("han river",))),
        ("“한강 공원” 산책", Words(words=("산책",), phrases=("한강 공원",))),
        ('river -boat -"night market"', Words(words=("river",), without=("boat", "night market"))),
        ("site:https://www.News.example/a/b rain", Words(words=("rain",), sites=("news.example",))),
        ('TAG:food tag:"street food"', Words(tags=("food", "street food"))),
        ("author:kim -author:lee", Words(authors=("kim",), without_authors=("lee",))),
        ("-site:a.example -tag:ad", Words(without_sites=("a.example",), without_tags=("ad",))),
        ("e-mail x:y c++", Words(words=("e-mail", "x:y", "c++"))),
        ('open "quotation here', Words(words=("open", "quotation", "here"))),
        ('tag:"open here', Words(words=("here",), tags=("open",))),
        ("serve --drafts e -- x", Words(words=("serve", "--drafts", "e", "x"))),
        ("rain rain", Words(words=("rain",))),
        ('? - -- "" site: && !', Words(words=("site:",))),
        ("", Words()),
    ],
)
def test_a_query_is_taken_apart(text, expected):
    assert words(text) == expected


def test_hangul_in_separate_letters_is_composed():
    assert words("\u1112\u1161\u11ab\u1100\u1161\u11bc").words == ("한강",)


def test_compatibility_jamo_stay_as_they_are_written():
    assert words("ㅋㅋ").words == ("ㅋㅋ",)


@given(st.text())
def test_every_text_is_a_query(text):
    found = words(text)
    assert all(any(c.isalnum() for c in word) for word in (*found.words, *found.phrases, *found.without))


@given(st.lists(st.text(alphabet="abc", min_size=1), unique=True))
def test_no_more_words_are_read_than_a_query_may_have(some):
    assert words(" ".join(some)).words == tuple(some[:MOST_OF_A_KIND])
