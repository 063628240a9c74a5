"""Crawls that cannot succeed: they end soon, with the reason and the address, and with a code that says it."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from riverline.model import Target
from riverline.settings import ROOT, Settings
from tests.integration.crawling import crawled
from tests.support.small_web import Answer, html, served

SOON = 30.0  # seconds


def linked(*paths: str) -> dict[str, Answer]:
    """A start page and what it links to: `broken/…` always fails."""
    links = "".join(f"<a href=/{path}>x</a>" for path in paths)
    pages = {f"/{path}": (500, {}, b"") if path.startswith("broken") else html(f"<p>{path}") for path in paths}
    return {"/": html(f"<p>start {links}"), **pages}


@pytest.fixture
def closed() -> Iterator[int]:
    """A port that nobody listens at."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def crawl(stack: Settings, *line: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **stack.environment(), "RIVERLINE_CRAWL__CONTACT": "me@site.example"}
    command = [sys.executable, "-m", "riverline_commands.main", "crawl", *line]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize("kind", ["dead name", "closed port", "robots"])
def test_a_crawl_that_fetches_nothing_says_why_within_30_s_and_ends_with_1(
    kind: str, stack: Settings, closed: int
) -> None:
    with served(linked(), "User-agent: *\nDisallow: /") as server:
        address, reason = {
            "dead name": ("http://dead.invalid/", "the name does not resolve"),
            "closed port": (f"http://127.0.0.1:{closed}/", "the connection was refused"),
            "robots": (f"{server.address}/", "robots.txt forbids it"),
        }[kind]
        begun = time.monotonic()
        run = crawl(stack, address)
        assert time.monotonic() - begun < SOON
        assert run.returncode == 1, run.stderr
        assert f"{address}: {reason}" in run.stderr
        assert "nothing was fetched" in run.stderr
        assert server.paths == []


def test_ten_dead_names_end_as_soon_as_one(stack: Settings, tmp_path: Path) -> None:
    targets = ",".join(f'{{"name": "t{n}", "start_urls": ["http://dead-{n}.invalid/"]}}' for n in range(10))
    (tmp_path / "targets.json").write_text(f'{{"targets": [{targets}]}}')
    begun = time.monotonic()
    run = crawl(stack, "--targets", str(tmp_path / "targets.json"), "--json")
    assert time.monotonic() - begun < SOON
    assert run.returncode == 1, run.stderr
    for n in range(10):
        assert f"t{n}: http://dead-{n}.invalid/: the name does not resolve" in run.stderr


def test_a_crawl_of_which_a_part_fails_ends_with_3_and_one_that_works_with_0(stack: Settings, closed: int) -> None:
    with served(linked()) as server:
        good = f"{server.address}/"
        assert crawl(stack, good).returncode == 0
        run = crawl(stack, good, f"http://127.0.0.1:{closed}/")
    assert run.returncode == 3, run.stderr
    assert "the connection was refused" in run.stderr


def test_a_crawl_says_every_few_seconds_what_it_waits_for(stack: Settings) -> None:
    with served(linked(*(f"page/{n}" for n in range(8)))) as server:
        run = crawl(stack, f"{server.address}/", "--rate", "0.5")
    lines = [line for line in run.stderr.splitlines() if " waiting: " in line]
    assert len(lines) >= 2
    assert "127.0.0.1" in lines[0]
    assert "(rate)" in lines[0]


def test_pages_that_always_fail_hold_nobody_up() -> None:
    with served(linked("broken/1", "broken/2", "good/1", "good/2", "good/3")) as server:
        target = Target("two", start_urls=(f"{server.address}/",), rate=20.0, concurrency=1)
        found = crawled([target])
    good = [at for at, path in server.asked if path.startswith("/good/")]
    assert len(good) == 3
    assert max(good) - server.asked[0][0] < 15.0
    assert server.paths.count("/broken/1") == 5
    assert found.report.of("two").errors == {"status_500": 2}
