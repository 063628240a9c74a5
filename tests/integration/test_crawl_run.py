"""Crawlers that share targets through MySQL and turns through Redis, against the demo web."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from demo.server import running
from riverline.adapters.mysql.database import Database
from riverline.adapters.mysql.targets import MysqlTargets
from riverline.crawl.contracts import LEASE_SECONDS
from riverline.settings import ROOT, Settings
from riverline_crawler.targets import load_targets
from tests.integration.crawling import requests_of
from tests.integration.test_crawl import SLOW, TARGETS, expected
from tests.support.crawl_run import crawling
from tests.support.linked_web import LinkedWeb
from tests.support.stack import awaited

RATE = 5.0


class Web:
    """The demo web as targets that are kept, and crawlers of it."""

    def __init__(self, stack: Settings, folder: Path, port: int, log: Path) -> None:
        self.log, self._folder, self._count = log, folder, 0
        self._environment = {**os.environ, **stack.environment(), "PYTHONPATH": str(ROOT)}
        self._mysql = Database(stack)
        self.targets = MysqlTargets(self._mysql)
        for entry in self.targets.all():
            self.targets.remove(entry.target.name)
        for target in load_targets(TARGETS):
            if SLOW not in target.allowed_hosts:
                self.targets.add(replace(target, proxy=f"http://127.0.0.1:{port}", rate=RATE, concurrency=1))

    def crawler(self, *options: str) -> tuple[subprocess.Popen[bytes], Path]:
        """A crawler in a process of its own, and the file of its pages."""
        self._count += 1
        file = self._folder / f"pages-{self._count}.jsonl"
        file.touch()
        command = [sys.executable, "-m", "tests.support.crawler", str(file), *options]
        return subprocess.Popen(command, cwd=ROOT, env=self._environment, stdout=subprocess.DEVNULL), file

    def make_due(self) -> None:
        for entry in self.targets.all():
            self.targets.replace(entry.target.name, entry.target)

    def close(self) -> None:
        for entry in self.targets.all():
            self.targets.remove(entry.target.name)
        self._mysql.close()


@pytest.fixture
def web(stack: Settings, tmp_path: Path) -> Iterator[Web]:
    log = tmp_path / "requests.jsonl"
    with log.open("w") as lines, running(log=lines) as port:
        made = Web(stack, tmp_path, port, log)
        yield made
        made.close()


def keys(*files: Path) -> list[str]:
    return [json.loads(line)["key"] for file in files for line in file.read_text().splitlines()]


def test_two_crawlers_share_the_targets_and_bring_every_page_once_and_then_nothing_new(web: Web) -> None:
    crawlers = [web.crawler("--once"), web.crawler("--once")]
    assert [process.wait(180) for process, _ in crawlers] == [0, 0]
    brought = keys(*(file for _, file in crawlers))
    assert sorted(brought) == sorted(expected(without=SLOW))
    for requests in requests_of(web.log).values():
        assert all(later.at - earlier.at >= 1 / RATE for earlier, later in pairwise(requests))
    web.make_due()
    process, file = web.crawler("--once", "--again")
    assert process.wait(180) == 0
    assert keys(file) == []


def test_a_crawler_that_is_killed_is_followed_by_another_and_nothing_is_missing(web: Web) -> None:
    killed, first = web.crawler()
    awaited(lambda: len(keys(first)) >= 20, 60)
    killed.kill()
    killed.wait()
    follower, second = web.crawler()
    wanted = expected(without=SLOW)
    awaited(lambda: set(keys(first, second)) >= wanted, LEASE_SECONDS + 120)
    follower.terminate()
    assert follower.wait(60) == 0
    assert set(keys(first, second)) == wanted
    assert len(keys(first, second)) - len(wanted) <= len(web.targets.all())  # what was in flight


def test_two_crawlers_on_one_host_stay_within_its_rate_together(stack: Settings, tmp_path: Path) -> None:
    host = f"{time.time_ns():x}.shared.example"
    web = LinkedWeb([host], 121)  # one half takes 12 s alone: the other crawler looks for its own every 3 s
    with crawling(stack, web, tmp_path) as crawl:
        crawl.keep(RATE)
        crawl.forget()
        crawlers = [crawl.start(RIVERLINE_CRAWL__ROUNDS="1") for _ in range(2)]
        assert all(crawler.stdout and crawler.stdout.readline() for crawler in crawlers)  # both look for targets
        for start in (1, 2):  # two parts of the tree: no page is in both
            crawl.add(f"part {start}", f"http://{host}/page/{start}", RATE)
        awaited(crawl.is_over, 180)
        for crawler in crawlers:
            crawler.terminate()
        reports = [json.loads(crawler.communicate(timeout=60)[0].splitlines()[-1]) for crawler in crawlers]
        times = crawl.times()
    assert all(report["total"]["acknowledged"] >= 10 for report in reports)
    assert all(later - earlier >= 1 / RATE for earlier, later in pairwise(times))
