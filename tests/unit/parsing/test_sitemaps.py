"""Sitemaps as they are served: with errors, behind warnings, as lists of addresses."""

import time

import pytest

from riverline.model import Page
from riverline.parsing.parse import parse

SITE = "http://harbour.example"
NAMESPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"'
)
ONE = f"<url><loc>{SITE}/1</loc></url>"
TYPES = ["application/xml", "text/xml", "text/html; charset=utf-8", "text/plain", ""]


def sitemap(body: str, content_type: str = "application/xml"):
    url = f"{SITE}/sitemap.xml"
    return parse(Page(url, url, body.encode(), content_type=content_type))


def urls(inside: str) -> str:
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<urlset {NAMESPACES}>{inside}</urlset>'


def paths(parsed) -> list[str]:
    return [link.removeprefix(SITE) for link in parsed.links]


@pytest.mark.parametrize(
    "beside",
    [
        f"<image:image><image:loc>{SITE}/i.jpg</image:loc></image:image>",
        f'<i:image xmlns:i="http://www.google.com/schemas/sitemap-image/1.1"><i:loc>{SITE}/i.jpg</i:loc></i:image>',
        f'<image xmlns="http://www.google.com/schemas/sitemap-image/1.1"><loc>{SITE}/i.jpg</loc></image>',
        f"<!-- <loc>{SITE}/draft</loc> -->",
        "<image:image/>",
        "<!-- never closed",
    ],
)
@pytest.mark.parametrize("query", ["a=1&amp;b=2", "a=1&b=2"])
def test_pictures_and_comments_are_no_pages_with_an_error_or_without(beside, query):
    parsed = sitemap(urls(f"<url><loc>{SITE}/0?{query}</loc>{beside}</url>{ONE}"))
    assert paths(parsed) == ["/0?a=1&b=2", "/1"]


def test_an_address_whose_element_has_attributes_is_one_beside_an_error():
    assert paths(sitemap(urls(f'<url><loc xml:lang="en">{SITE}/0?a&b</loc></url>{ONE}'))) == ["/0?a&b", "/1"]


@pytest.mark.parametrize(
    "before",
    [
        "<br />\n<b>Warning</b>: file not found in <b>/srv/x.php</b> on line <b>7</b><br />\n",
        "<br />\n<b>Warning</b>: file not found in <b>/srv/x.php</b> on line <b>7</b><br />\n" * 40,
        f"<!-- {'A long licence. ' * 200}-->\n",
    ],
)
@pytest.mark.parametrize("content_type", ["application/xml", "text/xml", "text/html", ""])
def test_a_sitemap_is_one_behind_what_a_server_wrote_in_front_of_it(before, content_type):
    parsed = sitemap(before + urls(ONE), content_type)
    assert (parsed.kind, paths(parsed)) == ("sitemap", ["/1"])


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r", " \n\n"])
@pytest.mark.parametrize("content_type", ["text/plain", "text/html", "application/octet-stream", "text/txt", ""])
def test_a_list_of_addresses_is_a_sitemap_whatever_its_type(line_end, content_type):
    parsed = sitemap(line_end.join(f"{SITE}/{number}" for number in range(200)), content_type)
    assert (parsed.kind, len(parsed.links)) == ("sitemap", 200)


@pytest.mark.parametrize("line", ["# all our pages", "not an address"])
def test_a_line_that_is_no_address_takes_no_others_away(line):
    assert paths(sitemap(f"{line}\n{SITE}/1\n{SITE}/2\n{SITE}/3\n", "text/plain")) == ["/1", "/2", "/3"]


def test_a_text_with_some_addresses_is_a_text():
    text = f"The harbour\n\nSee {SITE}/1 for the ferry.\n{SITE}/2\nAnd ask the captain.\n"
    assert sitemap(text, "text/plain").kind == "text"


@pytest.mark.parametrize("piece", ["<image:image>", "<!--", "<loc>", "<loc", "--><image", f"<loc>{SITE}/1"])
def test_a_large_sitemap_of_nothing_but_errors_is_read_in_time(piece):
    begun = time.process_time()
    sitemap(urls("&" + piece * (400_000 // len(piece))))
    assert time.process_time() - begun < 2.0
