"""The crawler against the demo web: what it brings, and what it never asks for."""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from demo.server import running
from riverline.model import Target
from riverline.parsing.url import canonical
from riverline.pipeline.contracts import topic_of
from riverline.settings import ROOT, Settings
from riverline_crawler.targets import load_targets
from tests.integration.crawling import Crawled, Request, crawled, requests_of

TARGETS = ROOT / "demo" / "targets.json"
TRUTH = json.loads((ROOT / "demo" / "truth.json").read_text())
LEFT_OUT = ("redirect", "missing", "gone", "disallowed")
UNLINKED = {"http://hangang-ilbo.example/index.html"}  # only served
NOFOLLOW = {"http://blog.trailnotes.example/partners/boot-offer"}
SLOW = "shop.northfold.example"  # asks for a crawl delay of 0.5 s


def expected(*, without: str = "") -> set[str]:
    """The keys of all pages that a crawl must bring."""
    urls = {record["url"] for record in TRUTH if record["kind"] not in LEFT_OUT} - UNLINKED - NOFOLLOW
    return {canonical(url) for url in urls if not without or f"//{without}/" not in url}


def kinds(kind: str) -> set[str]:
    return {record["url"] for record in TRUTH if record["kind"] == kind}


def demo_targets(port: int) -> list[Target]:
    """The demo web's targets, at the speed of tests; the slow host gives a few pages only."""
    fast = [replace(target, proxy=f"http://127.0.0.1:{port}", rate=200.0) for target in load_targets(TARGETS)]
    return [replace(target, max_pages=5) if SLOW in target.allowed_hosts else target for target in fast]


@pytest.fixture(scope="module")
def demo(tmp_path_factory) -> Iterator[tuple[int, Path]]:
    log = tmp_path_factory.mktemp("demo") / "requests.jsonl"
    with log.open("w") as lines, running(log=lines) as port:
        yield port, log


@pytest.fixture(scope="module")
def crawl(demo) -> Crawled:
    port, _ = demo
    return crawled(demo_targets(port))


@pytest.fixture(scope="module")
def requests(crawl: Crawled, demo) -> dict[str, list[Request]]:
    return requests_of(demo[1])


def test_every_page_that_is_allowed_and_linked_is_fetched(crawl: Crawled) -> None:
    assert {key for key in crawl.keys if f"//{SLOW}/" not in key} == expected(without=SLOW)


def test_every_site_has_its_own_topic(crawl: Crawled) -> None:
    hosts = {host for target in load_targets(TARGETS) for host in target.allowed_hosts}
    assert set(crawl.pages) == {topic_of(host) for host in hosts}
    for topic, pages in crawl.pages.items():
        assert {topic_of(page.key.split("/")[2]) for page in pages} == {topic}


def test_all_that_was_fetched_was_acknowledged(crawl: Crawled) -> None:
    total = crawl.report.total
    assert total.fetched == total.acknowledged == sum(map(len, crawl.pages.values()))
    assert crawl.report.reason == "finished"


def test_nothing_disallowed_is_requested(crawl: Crawled, requests: dict[str, list[Request]]) -> None:
    asked = {request.url for of_host in requests.values() for request in of_host}
    assert not asked & kinds("disallowed")
    assert crawl.report.total.refused["robots"] > 0


def test_nothing_that_is_linked_with_nofollow_only_is_requested(requests: dict[str, list[Request]]) -> None:
    assert not {request.url for of_host in requests.values() for request in of_host} & NOFOLLOW


def test_robots_txt_is_each_host_s_first_request(requests: dict[str, list[Request]]) -> None:
    assert {of_host[0].path for of_host in requests.values()} == {"/robots.txt"}


def test_nothing_is_requested_twice(requests: dict[str, list[Request]]) -> None:
    for of_host in requests.values():
        assert len({request.path for request in of_host}) == len(of_host)


def test_the_crawl_delay_is_kept_between_all_requests_of_the_host(requests: dict[str, list[Request]]) -> None:
    assert len(requests[SLOW]) >= 5
    assert min(later.at - earlier.at for earlier, later in pairwise(requests[SLOW])) >= 0.5


def test_gone_and_missing_pages_are_counted_and_not_written(crawl: Crawled) -> None:
    assert crawl.report.total.answers["gone"] > 0
    assert crawl.report.total.answers["not_found"] > 0
    assert not crawl.keys & (kinds("gone") | kinds("missing"))


def test_the_body_and_the_charset_are_as_they_were_sent(crawl: Crawled) -> None:
    (korean,) = (page for page in crawl.pages["crawl.hanok-travel.example"] if page.key.endswith("read.php?no=7"))
    assert "올레길" in korean.body.decode("cp949")


def test_pages_that_forbid_indexing_come_with_the_rest(crawl: Crawled) -> None:
    linked = {canonical(url) for url in kinds("noindex") - NOFOLLOW if f"//{SLOW}/" not in url}
    assert linked <= crawl.keys


def test_a_body_over_the_limit_is_left_out_and_noted(demo) -> None:
    port, _ = demo
    target = Target("one", start_urls=("http://hangang-ilbo.example/",), depth=0, proxy=f"http://127.0.0.1:{port}")
    found = crawled([target], Settings().crawl.model_copy(update={"max_page_bytes": 1_024}))
    page = found.page("http://hangang-ilbo.example/")
    assert (page.body, page.note, page.content_type) == (b"", "too_large", "text/html")


def test_a_server_that_is_not_there_is_an_error_and_not_the_end() -> None:
    target = Target("gone", start_urls=("http://127.0.0.1:9/",), rate=100.0)
    found = crawled([target])
    assert found.pages == {}
    assert found.report.of("gone").errors["connection_refused"] == 1
    assert found.report.reason == "finished"
