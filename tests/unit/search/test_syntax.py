"""The language of the search box."""

from dataclasses import astuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverline.search.syntax import LONGEST_TERM, MOST_PARTS, MOST_TERMS, MOST_WORDS, Words, words


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
        ("rain snow rain", Words(words=("rain", "snow", "rain"))),
        ("? …", Words(unread=("?",))),
        ('"?" -', Words(unread=('"?"',))),
        (" \n", Words()),
        ("초밥 🍣", Words(words=("초밥", "🍣"))),
        ("C++ C# .NET f# c", Words(words=("C++", "C#", ".NET", "f#", "c"))),
        ("１０㎏　Ｔｅｎｔ", Words(words=("10kg", "Tent"))),
        ("ｓｉｔｅ：shop.example －tent", Words(without=("tent",), sites=("shop.example",))),
        ("site:https://WWW.Shop.example:8080/a?b site:*.b.example", Words(sites=("shop.example", "b.example"))),
        ('<a href="http://x.example/?q=1">Ferry <b>sta</b>tus</a>', Words(words=("Ferry", "status"))),
        ("R&amp;D&nbsp;예산 &#39;quoted&#39;", Words(words=("R&D", "예산", "'quoted'"))),
        ("how to close a <div>", Words(words=("how", "to", "close", "a", "<div>"))),
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
    assert all(word.strip() for word in (*found.words, *found.phrases, *found.without))
    assert not (found.unread and (found.text or found.without))


@given(st.text(alphabet='ab -":한'), st.integers(1, 60))
def test_no_query_has_more_terms_than_it_may_have(text, times):
    found = words(f'{text} tag:"{text}" -"{text}" ' * times)
    terms = [term for texts in astuple(found)[1:] for value in texts for term in value.split()]
    assert len(terms) <= MOST_TERMS


def test_terms_are_counted_through_phrases_and_fields():
    text = " ".join(f'"a{n} b{n}" tag:c{n} -d{n} author:"e{n} f{n}"' for n in range(40))
    found = words(text)
    assert sum(len(value.split()) for texts in astuple(found) for value in texts) == MOST_TERMS
    assert found.phrases[0] == "a0 b0" and found.tags[0] == "c0" and found.authors[0] == "e0 f0"


def test_of_a_text_in_the_place_of_a_word_the_beginning_is_read():
    assert words("한" * 500).words == ("한" * LONGEST_TERM,)
    host = f"{'long-' * 20}name.example"
    assert words(f"site:{host}").sites == (host,)


@pytest.mark.parametrize("text", ["한강 자전거", '"han river" boat', "site:news.example rain"])
def test_few_words_are_cheap(text):
    assert words(text).is_cheap


@pytest.mark.parametrize(
    "text", ["a b c d e f g", "한" * 65, '"a b c d" "e f g"', " ".join(f"-w{n}" for n in range(9))]
)
def test_many_words_are_not(text):
    assert not words(text).is_cheap


def test_sixty_four_words_that_say_something_are_read_as_often_as_they_are_said():
    some = [f"word{n}" for n in range(100)]
    assert words(" ".join((*some, *some))).words == (*some[:MOST_WORDS], *some[:MOST_WORDS])


def test_words_that_say_nothing_do_not_take_the_place_of_others():
    assert words("what is in the " * 40 + "harbor").words[-1] == "harbor"


@given(st.text(alphabet="ab 가나,", min_size=600))
def test_a_text_of_any_length_has_a_bounded_cost(text):
    assert sum(1 if word.isascii() and word.isalnum() else len(word) for word in words(text).words) <= MOST_PARTS
