"""From an HTTP answer to a page."""

import gzip
import os
from dataclasses import replace

import pytest

from riverline.model import Page, Target
from riverline.parsing.html.robots_directives import of_headers
from riverline_crawler.reading.responses import FetchedResponse, address_text, is_binary, page_of, unpacked

TARGET = Target("a", start_urls=("http://a.example/",), keywords=("강",))


def answer(body: bytes = b"<p>a", too_large: bool = False, **headers: str) -> FetchedResponse:
    named = {name.replace("_", "-"): value for name, value in {"content_type": "text/html", **headers}.items()}
    return FetchedResponse(
        "http://a.example/?b&utm_id=1", "http://a.example/?b", body, lambda n: named.get(n, ""), 17, too_large
    )


def read(of: FetchedResponse, limit: int = 1 << 20) -> Page | None:
    return page_of(of, TARGET, 3, limit)


def test_a_page_carries_what_the_answer_said() -> None:
    page = read(answer(content_type="Text/HTML; Charset='EUC-KR'", etag='"1"', last_modified="Mon"))
    assert page == Page(
        url="http://a.example/?b&utm_id=1", key="http://a.example/?b", body=b"<p>a", content_type="text/html",
        charset="EUC-KR", fetched_at=17, target="a", keywords=("강",), etag='"1"', last_modified="Mon", depth=3,
    )  # fmt: skip


@pytest.mark.parametrize("kind", ["image/png", "text/css", "application/javascript", "video/mp4", "application/zip"])
def test_pages_of_other_types_are_not_read(kind: str) -> None:
    assert read(answer(content_type=kind)) is None


@pytest.mark.parametrize("kind", ["text/html, text/html; charset=utf-8", "text/html charset=utf-8", "html", "*/*", ""])
def test_a_page_whose_header_is_wrong_is_read(kind: str) -> None:
    page = read(answer(b"<!doctype html><p>a", content_type=kind))
    assert page is not None
    assert page.content_type in ("text/html", "")


def test_random_bytes_that_call_themselves_a_page_are_none() -> None:
    assert read(answer(os.urandom(200_000))) is None


@pytest.mark.parametrize("codec", ["utf-8", "cp949", "utf-16", "shift_jis", "iso2022_kr", "windows-1252", "utf-16-le"])
def test_text_of_any_charset_is_text(codec: str) -> None:
    assert not is_binary("<p>한강 tea\r\n\t".encode(codec, "ignore") * 50)


def test_a_packed_sitemap_is_opened() -> None:
    page = read(answer(gzip.compress(b"<?xml version='1.0'?><urlset/>"), content_type="application/gzip"))
    assert page is not None
    assert (page.content_type, page.body) == ("application/xml", b"<?xml version='1.0'?><urlset/>")


@pytest.mark.parametrize("body", ["\ufeff<urlset/>".encode(), b"http://a.example/1\nhttp://a.example/2\n" * 99])
def test_a_packed_sitemap_may_begin_with_a_mark_or_be_a_list(body: bytes) -> None:
    page = read(answer(gzip.compress(body), content_type="application/x-gzip"))
    assert page is not None
    assert page.body == body


def test_an_address_in_a_header_is_asked_for_as_it_was_sent() -> None:
    assert address_text("/문서".encode()) == "/문서"
    assert address_text("/문서".encode("euc-kr")) == "/%B9%AE%BC%AD"


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
    for said in (["noindex, nofollow"], ["noindex", "otherbot: nofollow"], ["riverlinebot: noindex"]):
        page = read(replace(answer(), robots=of_headers(said)))
        assert page is not None
        assert page.note == "noindex"


ENDS = "<meta name='robots' content='unavailable_after: 2020-01-01T00:00:00Z'>"
YEAR_2020 = 1_577_836_800_000


@pytest.mark.parametrize(("at", "note"), [(YEAR_2020 - 1, ""), (YEAR_2020, "noindex")])
@pytest.mark.parametrize("said", ["header", "meta"])
def test_a_page_that_has_not_changed_leaves_the_index_at_its_end(at: int, note: str, said: str) -> None:
    """It is read in full each time: a server that knows nothing of the date would say that nothing has changed."""
    body = f"<head>{ENDS if said == 'meta' else ''}</head><p>The fair is open.".encode()
    robots = of_headers(["unavailable_after: 2020-01-01T00:00:00Z"] if said == "header" else [])
    page = read(replace(answer(body, etag='"1"', last_modified="Mon"), fetched_at=at, robots=robots))
    assert page is not None
    assert (page.note, page.etag, page.last_modified) == (note, "", "")


def test_what_is_said_to_another_crawler_of_the_end_of_a_page_means_nothing() -> None:
    page = read(replace(answer(ENDS.replace("robots", "otherbot").encode(), etag='"1"'), fetched_at=YEAR_2020))
    assert page is not None
    assert (page.note, page.etag) == ("", '"1"')
