"""Keywords in whatever form they stand."""

import pytest

from riverline.crawl.keywords import contained, matched, stem
from riverline.model import Page


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("도서관", "시립 도서관에서는 오늘부터 책을 빌려준다."),
        ("도서관", "그곳은 도서관이었다."),
        ("도서관", "도서관들까지도 문을 닫았다"),
        ("수출", "반도체를 수출했다."),
        ("수출", "수출하는 기업"),
        ("달리다", "아침마다 달리는 사람들"),
        ("김치찌개", "김치찌개를 끓이다"),
        ("서울 지하철", "오늘 서울의 지하철이 멈췄다"),
        ("AI", "AI는 어디까지 왔나"),
        ("library", "Two libraries opened."),
        ("running shoe", "Tested: Running shoes for winter"),
        ("runs", "She is running late"),
        ("hop", "They hopped away"),
        ("agreed", "They agree"),
        ("café", "The CAFE's door"),
        ("東京", "昨日東京都で"),
    ],
)
def test_a_keyword_is_found_in_its_forms(keyword: str, text: str) -> None:
    assert matched((keyword,), text) == (keyword,)


@pytest.mark.parametrize(
    ("keyword", "text"),
    [
        ("기차", "기차역 앞 광장"),
        ("사과", "사과문을 냈다"),
        ("물", "건물의 물건"),
        ("서울 지하철", "지하철은 서울을 지난다"),
        ("cat", "concatenate the catalogue"),
        ("running shoe", "running in old shoes"),
        ("art", "a party started"),
        ("달리다", "달걀을 먹다"),
    ],
)
def test_a_keyword_is_not_found_in_other_words(keyword: str, text: str) -> None:
    assert matched((keyword,), text) == ()


@pytest.mark.parametrize(
    ("word", "root"),
    [
        ("caresses", "caress"), ("ponies", "poni"), ("cats", "cat"), ("feed", "feed"), ("agreed", "agree"),
        ("plastered", "plaster"), ("motoring", "motor"), ("sing", "sing"), ("conflated", "conflate"),
        ("hopping", "hop"), ("falling", "fall"), ("filing", "file"), ("happy", "happi"), ("sky", "sky"),
    ],
)  # fmt: skip
def test_words_are_stemmed_as_porter_gives_it(word: str, root: str) -> None:
    assert stem(word) == root


def test_a_page_contains_what_its_title_or_main_text_does() -> None:
    text = "".join(
        f"<p>The ferries of the harbour leave at {n} o'clock, and they are never late at all.</p>" for n in range(8)
    )
    body = f"<html><head><title>Lanterns</title></head><body><article>{text}</article></body></html>".encode()
    page = Page("http://a.example/", "http://a.example/", body, content_type="text/html")
    assert contained(("lantern", "ferry", "owl"), page) == ("lantern", "ferry")


def test_a_page_that_cannot_be_read_contains_nothing() -> None:
    assert (
        contained(("a",), Page("http://a.example/", "http://a.example/", b"{", content_type="application/json")) == ()
    )
