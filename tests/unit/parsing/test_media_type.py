"""Content-Type headers as servers send them."""

import pytest

from riverline.model import Page
from riverline.parsing.charset.media_type import charset, is_read, media_type
from riverline.parsing.parse import data_type, parse

PAGE = "<!doctype html><title>The river</title><p>The river rose by two metres overnight, says the café.</p>"


@pytest.mark.parametrize(
    ("header", "kind", "label"),
    [
        ("Text/HTML; Charset='EUC-KR'", "text/html", "EUC-KR"),
        ('text/html; version=1; charset="utf-8"', "text/html", "utf-8"),
        ("text/html", "text/html", ""),
        ("text/html;;charset=utf-8;", "text/html", "utf-8"),
        ("text/html, text/html; charset=utf-8", "text/html", "utf-8"),
        ("text/html; charset=utf-8, text/html", "text/html", "utf-8"),
        ("text/plain; charset=big5, text/html", "text/html", ""),
        ("text/html; charset=utf-8, */*", "text/html", "utf-8"),
        ('text/html; title="a, b"; charset=utf-8', "text/html", "utf-8"),
        ("text/html charset=utf-8", "", "utf-8"),
        ("text/html:charset=utf-8", "", "utf-8"),
        ("html", "", ""),
        ("*/*", "", ""),
        ("", "", ""),
        ("text/", "", ""),
        ("charset=euc-kr", "", "euc-kr"),
        ("application/octet-stream", "", ""),
    ],
)
def test_a_header_is_read_as_browsers_read_it(header, kind, label):
    assert (media_type(header), charset(header)) == (kind, label)


@pytest.mark.parametrize(
    "header",
    [
        "text/html, text/html; charset=utf-8", "text/html charset=utf-8", "html", "*/*", "", "text/htm", "text",
        "application/octet-stream", "binary/octet-stream", "unknown/unknown", "application/x-httpd-php", "text/x-html",
        "text/html\\; charset=utf-8", "(null)",
        "application/x-php", "application/octetstream", "application/rss", "application/x-empty", "application/html",
        "application/rss+xml", "application/json", "application/pdf",
    ],
)  # fmt: skip
def test_bodies_of_these_types_are_read(header):
    assert is_read(header)


@pytest.mark.parametrize(
    "header",
    ["image/png", "text/css", "text/javascript", "application/javascript", "video/mp4", "application/zip", "text/csv"],
)
def test_others_are_not(header):
    assert not is_read(header)


@pytest.mark.parametrize(
    "header", ["text/html, text/html", "text/html charset=utf-8", "html", "*/*", "text/htm", "application/octet-stream"]
)
@pytest.mark.parametrize("codec", ["utf-8", "utf-16"])
def test_a_page_of_a_type_that_says_nothing_is_known_by_its_first_bytes(header, codec):
    page = Page("http://a.example/", "http://a.example/", PAGE.encode(codec), content_type=header)
    assert data_type(page) == "html"
    assert parse(page).title == "The river"
