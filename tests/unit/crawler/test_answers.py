"""From an HTTP answer to a page."""

import gzip
import os

import pytest

from crawler.answers import Answer, charset, forbids, is_binary, is_read, page_of, unpacked
from riverline.model import Page, Target

TARGET = Target("a", start_urls=("http://a.example/",), keywords=("강",))


def answer(body: bytes = b"<p>a", too_large: bool = False, **headers: str) -> Answer:
    named = {name.replace("_", "-"): value for name, value in {"content_type": "text/html", **headers}.items()}
    return Answer(
        "http://a.example/?b&utm_id=1", "http://a.example/?b", body, lambda n: named.get(n, ""), 17, too_large
    )


def read(of: Answer, limit: int = 1 << 20) -> Page | None:
    return page_of(of, TARGET, 3, limit)


def test_a_page_carries_what_the_answer_said() -> None:
    page = read(answer(content_type="Text/HTML; Charset='EUC-KR'", etag='"1"', last_modified="Mon"))
    assert page == Page(
        url="http://a.example/?b&utm_id=1", key="http://a.example/?b", body=b"<p>a", content_type="text/html",
        charset="EUC-KR", fetched_at=17, target="a", keywords=("강",), etag='"1"', last_modified="Mon", depth=3,
    )  # fmt: skip


@pytest.mark.parametrize(
    "kind", ["text/html", "application/rss+xml", "application/json", "application/pdf", "text/plain", ""]
)
def test_pages_of_these_types_are_read(kind: str) -> None:
    assert is_read(kind)


@pytest.mark.parametrize("kind", ["image/png", "text/css", "application/javascript", "video/mp4", "application/zip"])
def test_others_are_not(kind: str) -> None:
    assert not is_read(kind)
    assert read(answer(content_type=kind)) is None


def test_random_bytes_that_call_themselves_a_page_are_none() -> None:
    assert read(answer(os.urandom(200_000))) is None


@pytest.mark.parametrize("codec", ["utf-8", "cp949", "utf-16", "shift_jis", "iso2022_kr", "windows-1252"])
def test_text_of_any_charset_is_text(codec: str) -> None:
    assert not is_binary("<p>한강 tea\r\n\t".encode(codec, "ignore") * 50)


def test_a_packed_sitemap_is_opened() -> None:
    page = read(answer(gzip.compress(b"<?xml version='1.0'?><urlset/>"), content_type="application/gzip"))
    assert page is not None
    assert (page.content_type, page.body) == ("application/xml", b"<?xml version='1.0'?><urlset/>")


def test_a_packed_file_of_anything_else_is_not_read() -> None:
    assert read(answer(gzip.compress(b"\x00\x01"), content_type="application/gzip")) is None


def test_a_bomb_is_not_opened_beyond_the_limit() -> None:
    assert unpacked(gzip.compress(b"<" + b"a" * (8 << 20)), 1 << 20) is None
    assert unpacked(gzip.compress(b"a" * 100)[:-20], 1_000) is None


def test_a_page_that_is_too_large_keeps_its_headers_and_no_body() -> None:
    page = read(answer(b"<p>part", too_large=True, etag='"1"'))
    assert page is not None
    assert (page.body, page.note, page.etag, page.status) == (b"", "too_large", '"1"', 200)


def test_a_header_that_forbids_to_index_is_noted() -> None:
    page = read(answer(x_robots_tag="noindex, nofollow"))
    assert page is not None
    assert page.note == "noindex"


@pytest.mark.parametrize(
    ("directives", "what", "yes"),
    [
        ("noindex", "noindex", True),
        ("NoIndex, nofollow", "nofollow", True),
        ("none", "nofollow", True),
        ("max-snippet: 10, noindex", "noindex", True),
        ("otherbot: noindex", "noindex", False),
        ("index, follow", "noindex", False),
        ("noindexing", "noindex", False),
        ("", "noindex", False),
    ],
)
def test_robots_directives_are_read_word_by_word(directives: str, what: str, yes: bool) -> None:
    assert forbids(directives, what) is yes


def test_a_charset_is_read_from_among_other_parameters() -> None:
    assert charset('text/html; version=1; charset="utf-8"') == "utf-8"
    assert charset("text/html") == ""
