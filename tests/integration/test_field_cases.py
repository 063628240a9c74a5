"""Sites as they are in the field, crawled from a server: what is asked for, and under which address it stands."""

import pytest

from riverline.model import Page, Target
from riverline.parsing.parse import parse
from riverline_crawler.stats import CrawlStats
from tests.integration.crawling import crawled
from tests.support.small_web import Answer, html, moved, served

TEXT = "<p>The ferry to the island leaves every morning at nine, and comes back when the tide allows it.</p>" * 3


def crawl(answers: dict[str, Answer], robots: str = "", **target: object) -> tuple[list[str], list[Page], CrawlStats]:
    """The paths that were asked for, the pages that came, and the counts."""
    with served(answers, robots) as web:
        found = crawled([Target("t", start_urls=(f"{web.address}/",), rate=500.0, **target)])  # type: ignore[arg-type]
        return web.paths, [page for pages in found.pages.values() for page in pages], found.report.of("t")


def linked(*hrefs: str) -> Answer:
    return html(TEXT + "".join(f'<a href="{href}">x</a>' for href in hrefs))


def keys(pages: list[Page]) -> set[str]:
    return {"/" + page.key.split("/", 3)[3] for page in pages}


@pytest.mark.parametrize(
    ("href", "location"), [("/a?utm_source=feed", "/a"), ("/b?b=2&amp;a=1", "/b?a=1&b=2"), ("/c;jsessionid=1", "/c")]
)
def test_a_page_that_redirects_to_another_spelling_of_itself_is_fetched(href: str, location: str) -> None:
    paths, pages, _ = crawl(
        {"/": linked(href), href.replace("&amp;", "&"): moved(location), location: html(TEXT)}, max_pages=2
    )
    assert location in paths
    assert location in keys(pages)


def test_a_page_that_wants_a_cookie_first_is_told_as_such() -> None:
    """Cookies are off, since what shows only with one is not for everybody; the reason is counted by its own name."""
    paths, _, counts = crawl({"/": linked("/cookie"), "/cookie": moved("/cookie", 302)})
    assert paths.count("/cookie") == 1
    assert counts.answers["redirect_loop"] == 1


def test_an_address_in_a_header_may_be_written_in_utf_8() -> None:
    paths, pages, _ = crawl(
        {"/": linked("/old"), "/old": moved("/문서/하나"), "/%EB%AC%B8%EC%84%9C/%ED%95%98%EB%82%98": html(TEXT)}
    )
    assert paths[-1] == "/%EB%AC%B8%EC%84%9C/%ED%95%98%EB%82%98"
    assert len(pages) == 2


def test_a_page_that_only_sends_its_reader_on_is_followed_and_not_kept() -> None:
    away = html('<meta http-equiv="refresh" content="0; url=/refreshed"><title>Moved</title>')
    header = html("<title>Moved</title>", Refresh="0; url=/by-header")
    answers = {"/away": away, "/refreshed": html(TEXT), "/header": header, "/by-header": html(TEXT)}
    _, pages, _ = crawl({"/": linked("/away", "/header"), **answers})
    assert keys(pages) == {"/", "/refreshed", "/by-header"}


def test_what_stands_in_front_of_a_page_on_its_way_takes_none_away() -> None:
    """A proxy says 203, a program adds a second type beside the server's."""
    body = "<title>한강</title><p>물이 밤새 이 미터나 불었다.".encode("euc-kr")
    typed = (203, {"Content-Type": ["text/html; charset=euc-kr", "text/html"]}, body)
    _, pages, _ = crawl({"/": linked("/page"), "/page": typed})
    assert [page.charset for page in pages if page.key.endswith("/page")] == ["euc-kr"]


def test_talks_that_differ_in_their_session_id_are_as_many_pages() -> None:
    talks = {f"/talk?session_id={n}": html(f"<h1>Talk {n}</h1>{TEXT}") for n in range(4)}
    assert keys(crawl({"/": linked(*talks), **talks})[1]) == {"/", *talks}


@pytest.mark.parametrize("named", ["null", "site.example/post/1", "/post/1"])
def test_pages_that_name_one_address_keep_their_own(named: str) -> None:
    posts = {f"/post/{n}": html(f'<link rel="canonical" href="{named}"><h1>{n}</h1>{TEXT}') for n in range(1, 4)}
    _, pages, _ = crawl({"/": linked(*posts), **posts})
    assert keys(pages) == {"/", *posts}
    assert {parse(page).url for page in pages} == {page.key for page in pages}


def test_the_address_that_a_page_names_is_asked_for_too() -> None:
    pages = {"/p?ref=home": html(f"<link rel=canonical href=/p>{TEXT}"), "/p": html(TEXT)}
    assert keys(crawl({"/": linked("/p?ref=home"), **pages})[1]) == {"/", *pages}


@pytest.mark.parametrize(
    ("values", "note", "followed"),
    [
        (["noindex", "otherbot: nofollow"], "noindex", True),
        (["riverlinebot: noindex"], "noindex", True),
        (["nofollow"], "", False),
        (["otherbot: noindex, nofollow"], "", True),
    ],
)
def test_headers_say_what_robots_may_do(values: list[str], note: str, followed: bool) -> None:
    page = html(f"{TEXT}<a href=/behind>x</a>", X_Robots_Tag=values)
    paths, pages, _ = crawl({"/": linked("/page"), "/page": page, "/behind": html(TEXT)})
    assert ("/behind" in paths) is followed
    assert [page.note for page in pages if page.key.endswith("/page")] == [note]


def test_sitemaps_of_robots_txt_may_be_relative_and_lists_of_addresses() -> None:
    with served({"/": html(TEXT), "/from-text": html(TEXT), "/from-xml": html(TEXT)}, "Sitemap: /three.txt") as web:
        listed = f"{web.address}/from-text\n{web.address}/map.xml\n"
        xml = f"<?xml version='1.0'?><urlset><url><loc>{web.address}/from-xml</loc></url></urlset>"
        web.answers["/three.txt"] = (200, {"Content-Type": "text/plain"}, listed.encode())
        web.answers["/map.xml"] = (200, {"Content-Type": "application/xml"}, xml.encode())
        crawled([Target("t", start_urls=(f"{web.address}/",), rate=500.0)])
        assert {"/from-text", "/from-xml"} <= set(web.paths)


def test_rules_for_a_version_of_the_crawler_are_for_the_crawler() -> None:
    robots = "User-agent: RiverlineBot/1.0\nDisallow: /for-others/\n\nUser-agent: *\nDisallow:\n"
    paths, _, counts = crawl({"/": linked("/for-others/x", "/x"), "/x": html(TEXT)}, robots)
    assert "/x" in paths
    assert "/for-others/x" not in paths
    assert counts.refused["robots"] == 1


def test_a_robots_txt_without_a_body_forbids_nothing() -> None:
    paths, pages, _ = crawl({"/": linked("/x"), "/x": html(TEXT), "/robots.txt": (204, {}, b"")})
    assert paths == ["/", "/x"]
    assert len(pages) == 2
