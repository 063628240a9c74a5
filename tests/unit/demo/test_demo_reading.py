"""What the parsers make of the demo web is what its truth says, odd pages and feeds included."""

import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest

from demo.web import Web
from riverline.model import Document, Page
from riverline.parsing.charset.media_type import charset
from riverline.parsing.parse import parse
from riverline.parsing.tag import tag
from riverline.parsing.url import canonical

FETCHED = 1_790_000_000_000
BLOG = "http://blog.trailnotes.example"


def page_at(web: Web, url: str) -> Page:
    """The page of a URL as a crawler hands it on."""
    answer = web.answer("GET", url, {})
    sent = answer.headers["Content-Type"]
    return Page(url, url, answer.body, content_type=sent, charset=charset(sent), fetched_at=FETCHED)


def document(web: Web, url: str) -> Document:
    page = page_at(web, url)
    return tag(parse(page), page, FETCHED)


def test_every_text_is_read_as_the_truth_says(web: Web, records: list[dict[str, Any]]) -> None:
    wrong = {}
    for record in records:
        if record["kind"] in ("article", "text", "noindex"):
            found = document(web, record["url"])
            missing = [text for text in record["with"] if text not in found.body]
            beside = [text for text in record["without"] if text in found.body]
            spoken = found.locale.partition("-")[0]
            if missing or beside or spoken != record["language"]:
                wrong[record["url"]] = (missing, beside, spoken)
    assert wrong == {}


def test_a_page_without_a_date_has_none_though_its_site_shows_one(web: Web, records: list[dict[str, Any]]) -> None:
    undated = [r["url"] for r in records if r["kind"] == "article" and not r["published"]]
    assert undated
    assert {document(web, url).created_at for url in undated} == {None}
    assert b"Copyright 2021-01-31" in web.answer("GET", undated[0], {}).body


def test_a_feed_that_is_no_xml_leads_to_all_its_articles(web: Web) -> None:
    page = page_at(web, f"{BLOG}/atom.xml")
    with pytest.raises(ElementTree.ParseError):
        ElementTree.fromstring(page.body)
    parsed = parse(page)
    dated = [post.url for post in web.sites["blog.trailnotes.example"].listed if post.published]
    assert [canonical(link) for link in parsed.links] == dated[:15]
    assert "&nbsp;" not in parsed.text


def test_a_host_without_robots_rules_answers_that_there_are_none(web: Web) -> None:
    assert web.answer("GET", f"{BLOG}/robots.txt", {}).status == 204


def test_a_page_in_utf_8_names_another_charset_in_its_header(web: Web) -> None:
    page = page_at(web, "http://science.byeolbit.example/column/dust-journey")
    assert page.charset == "iso-8859-1"
    assert "먼지의 여행" in document(web, page.url).title
