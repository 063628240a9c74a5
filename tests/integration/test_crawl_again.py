"""A second round of pages that have not changed: nothing is sent again, written again or indexed again."""

from __future__ import annotations

import time
from pathlib import Path

from riverline.settings import Settings
from riverline_commands.crawl import wait_for_commits
from tests.support.crawl_run import CrawlRun, crawling
from tests.support.elastic import elastic
from tests.support.linked_web import LinkedWeb

PAGES = 25  # a site
UNCHANGED = 0.95  # of the answers, at least


def places(crawl: CrawlRun) -> dict[str, tuple[int, int, object]]:
    """Of each document: the number of its last write, its version, when its page was crawled."""
    body = {
        "size": 1_000, "query": {"terms": {"site": list(crawl.web.hosts)}}, "_source": ["url", "crawled_at"],
        "seq_no_primary_term": True, "version": True,
    }  # fmt: skip
    with elastic(crawl.stack) as client:
        client.post("/documents/_refresh").raise_for_status()
        hits = client.post("/documents/_search", json=body).raise_for_status().json()["hits"]["hits"]
    return {hit["_source"]["url"]: (hit["_seq_no"], hit["_version"], hit["_source"]["crawled_at"]) for hit in hits}


def test_what_has_not_changed_is_not_indexed_again_and_what_has_is(stack: Settings, tmp_path: Path) -> None:
    asked, plain = (f"{time.time_ns():x}-{name}.again.example" for name in ("asked", "plain"))
    web = LinkedWeb([asked, plain], PAGES, plain=[plain])
    with crawling(stack, web, tmp_path) as crawl:
        crawl.keep(rate=50.0)
        first = crawl.report()
        wait_for_commits(crawl.services.log, crawl.topics)
        before, records = places(crawl), len(crawl.records())
        assert set(before) == web.urls
        assert first["total"]["acknowledged"] == records == len(web.urls)

        changed = f"http://{asked}/page/7"
        web.changed.add(changed)
        crawl.make_due()
        again = crawl.report("--again")["total"]
        wait_for_commits(crawl.services.log, crawl.topics)
        after = places(crawl)
        assert len(crawl.records()) == records + 1
    assert {url for url in web.urls if after[url] != before[url]} == {changed}
    unchanged = again["answers"]["not_modified"] + again["answers"]["unchanged"]
    assert unchanged / again["requested"] >= UNCHANGED
    assert (again["answers"]["not_modified"], again["answers"]["unchanged"]) == (PAGES - 1, PAGES)
    assert crawl.statuses() == {200: 3 * PAGES + 1, 304: PAGES - 1}
