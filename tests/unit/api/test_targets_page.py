"""Targets and their schedule as pages, for administrators."""

import re
from html import unescape

import httpx
import pytest

from riverline.accounts.tokens import ADMIN
from riverline.model import Search, Target
from riverline_api.resources.target_preview import preview
from riverline_api.web.targets_page import CLIENT
from tests.support.site import DAY, empty
from tests.unit.api.test_feed_pages import NOW, Browser

AGENT = "RiverlineBot/1.0"
HOME = b"""<html><head><title>The Gazette</title><link rel="alternate" type="application/rss+xml" href="/feed.xml">
</head><body><h1>The Gazette</h1><p>News of the harbour, every day, and of the river.</p></body></html>"""


@pytest.fixture
def site():
    return empty(lambda: NOW)


@pytest.fixture
def admin(site):
    return Browser(site, site.token(None, ADMIN))


def answering(**pages):
    """A client of a site: path with `_` for `/` and what is answered, a status or a body."""

    def answer(request):
        found = pages.get(request.url.path.strip("/").replace(".", "_") or "home", 404)
        if isinstance(found, Exception):
            raise found
        if isinstance(found, int):
            return httpx.Response(found)
        kind = "text/html" if found.startswith(b"<html") else "text/plain"
        return httpx.Response(200, content=found, headers={"Content-Type": kind})

    return httpx.Client(transport=httpx.MockTransport(answer), follow_redirects=True)


def looked(url="gazette.example", **pages):
    return preview(url, answering(**pages), AGENT)


def test_what_is_there_is_shown_before_it_is_added():
    robots = b"User-agent: *\nCrawl-delay: 3\nSitemap: https://gazette.example/map.xml"
    found = looked(home=HOME, robots_txt=robots)
    assert (found.url, found.title, found.problem) == ("https://gazette.example/", "The Gazette", "")
    assert (found.crawl_delay, found.sitemaps) == (3.0, ("https://gazette.example/map.xml",))
    assert found.feeds == ("https://gazette.example/feed.xml",)


def test_a_sitemap_is_looked_for_where_sites_have_one():
    there = b"<?xml version='1.0'?><urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'></urlset>"
    assert looked(home=HOME, sitemap_xml=there).sitemaps == ("https://gazette.example/sitemap.xml",)
    assert looked(home=HOME).sitemaps == ()


@pytest.mark.parametrize(
    ("pages", "problem"),
    [
        ({"home": HOME, "robots_txt": b"User-agent: *\nDisallow: /"}, "robots"),
        ({"home": HOME, "robots_txt": 503}, "robots_unreachable"),
        ({"home": 403}, "status_403"),
        ({"robots_txt": httpx.ConnectError("[Errno -2] Name or service not known")}, "name_not_resolved"),
        ({"robots_txt": httpx.ConnectError("[Errno 111] Connection refused")}, "connection_refused"),
        ({"robots_txt": httpx.ConnectTimeout("timed out")}, "timeout"),
        ({"robots_txt": httpx.ConnectError("[SSL: CERTIFICATE_VERIFY_FAILED]")}, "tls"),
    ],
)
def test_what_keeps_a_crawler_out_is_said_before_it_is_added(pages, problem):
    assert looked(**pages).problem == problem


def test_a_page_that_robots_forbids_is_not_fetched():
    found = looked(home=RuntimeError("it was fetched"), robots_txt=b"User-agent: RiverlineBot\nDisallow: /")
    assert found.problem == "robots"


def test_targets_are_for_administrators(site):
    for browser, status in ((Browser(site), 401), (Browser(site, site.join("mina")[1]), 403)):
        assert browser.get("/targets").status_code == status
        assert browser.post("/targets", name="a", start_urls="http://a.example/").status_code == status
        assert 'href="/targets"' not in browser.html("/")
    assert site.services.targets.all() == []


def test_a_site_is_looked_at_and_added_by_its_address(site, admin):
    admin.client.application.extensions[CLIENT] = lambda: answering(home=HOME)
    html = unescape(admin.html("/targets/new?url=gazette.example"))
    assert "<dd>The Gazette</dd>" in html and "Crawling is allowed." in html
    given = dict(re.findall(r'name="(\w+)" type="\w+"[^>]* value="([^"]*)"', html))
    answer = admin.post("/targets", **{name: value for name, value in given.items() if name != "url"})
    assert answer.headers["Location"] == "/targets/gazette.example?note=added"
    target = site.services.targets.get("gazette.example").target
    assert (target.start_urls, target.max_pages, target.depth) == (("https://gazette.example/",), 500, 3)
    assert "no contact address" in admin.html("/targets/gazette.example")


def test_what_fails_says_so_with_the_address(admin):
    refused = httpx.ConnectError("[Errno 111] Connection refused")
    admin.client.application.extensions[CLIENT] = lambda: answering(robots_txt=refused)
    html = admin.html("/targets/new?url=http://gazette.example:81/a")
    assert "<code>http://gazette.example:81/a</code>: the connection was refused" in html
    assert admin.get("/targets/new?url=not an address").status_code == 422


@pytest.mark.parametrize(
    ("fields", "words"),
    [({"start_urls": "ftp://x"}, "start_urls"), ({"rate": "-1"}, "rate"), ({"depth": "many"}, "depth")],
)
def test_what_a_target_does_not_take_is_said(admin, fields, words):
    given = {"name": "a", "start_urls": "http://a.example/", **fields}
    answer = admin.post("/targets", **given)
    assert (
        answer.status_code == 422 and words in re.findall(r'role="alert">(.*?)</p>', answer.get_data(as_text=True))[0]
    )


def test_a_target_is_paused_goes_on_and_is_crawled_now(site, admin):
    site.services.targets.add(Target("a b", start_urls=("http://a.example/",)))
    for act, enabled, words in (
        ("pause", False, "paused"),
        ("resume", True, ""),
        ("run", True, "waiting for a crawler"),
    ):
        answer = admin.post("/targets/a%20b", act=act)
        assert site.services.targets.get("a b").target.enabled is enabled
        assert words in admin.html(answer.headers["Location"])


def test_limits_are_changed_and_the_rest_stays(site, admin):
    site.services.targets.add(Target("a", start_urls=("http://a.example/",), keywords=("강",)))
    assert (
        admin.post("/targets/a", act="save", rate="0.5", start_urls="http://a.example/\nhttp://a.example/b").status_code
        == 303
    )
    target = site.services.targets.get("a").target
    assert (target.rate, len(target.start_urls), target.keywords) == (0.5, 2, ("강",))
    assert admin.post("/targets/a", act="save", rate="0").status_code == 422
    assert admin.post("/targets/a", act="remove").headers["Location"] == "/targets?note=removed"
    assert site.services.targets.all() == []


def test_rounds_are_shown_with_errors_by_reason_and_how_much_changes(site, admin):
    targets = site.services.targets
    targets.add(Target("a", start_urls=("http://a.example/",)))
    [held] = targets.claim("w", 1)
    rounds = [{"at": NOW - DAY, "fetched": 25, "unchanged": 75, "errors": 2, "seconds": 9.0}]
    progress = {"fetched": 25, "errors": 2, "reasons": {"timeout": "http://a.example/x (2)"}, "rounds": rounds}
    targets.release("w", [held.id], 3600, progress)
    html = unescape(admin.html("/targets/a"))
    assert "no answer in time: <code>http://a.example/x (2)</code>" in html
    assert "<dd>25%</dd>" in html and "yesterday" in html


def test_searches_that_found_nothing_become_keywords(site, admin):
    site.services.targets.add(Target("s", "search", ("http://a.example/?q={keyword}",), ("known",)))
    for n, word in enumerate(("bridge", "bridge", "known", "found")):
        site.index.record_search(Search(word, "", NOW - 1, int(word == "found"), 1, f"r{n}"))
    html = unescape(admin.html("/targets"))
    assert re.findall(r'name="word" value="(\w+)"> \w+ <span class="soft">(\d)', html) == [("bridge", "2")]
    admin.post("/targets/keywords", word="bridge", target="s")
    assert site.services.targets.get("s").target.keywords == ("known", "bridge")
    assert 'name="word"' not in admin.html("/targets")


def test_or_a_new_target_that_asks_another_site_for_them(site, admin):
    for n, word in enumerate(("bridge", "강 다리")):
        site.index.record_search(Search(word, "", NOW - 1, 0, 1, f"r{n}"))
    words = {"word": ["bridge", "강 다리", "bridge"], "act": "new"}
    wrong = admin.post("/targets/keywords", address="https://www.gazette.example/search", **words)
    assert wrong.status_code == 422 and "must contain {keyword}" in wrong.get_data(as_text=True)
    assert admin.post("/targets/keywords", address="", **words).headers["Location"] == "/targets?note=nothing"
    answer = admin.post("/targets/keywords", address="https://www.gazette.example/search?q={keyword}", **words)
    assert answer.headers["Location"] == "/targets/gazette.example%20search?note=added"
    target = site.services.targets.get("gazette.example search").target
    assert (target.kind, target.keywords) == ("search", ("bridge", "강 다리"))
    assert 'name="word"' not in admin.html("/targets")
    twice = admin.post("/targets/keywords", address="https://gazette.example/?q={keyword}", **words)
    assert twice.status_code == 422 and "gazette.example search" in twice.get_data(as_text=True)
