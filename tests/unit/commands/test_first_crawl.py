"""The searches that end a first crawl."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from riverline.errors import Transient
from riverline.settings import Api, Settings
from riverline.testing.memory import MemoryIndex
from riverline_commands import first_crawl
from riverline_commands.console import ConsoleProgress
from riverline_commands.first_crawl import search, wait_for_fates
from tests.support.load import page
from tests.support.site import empty

FOUND = b'{"total": 1, "items": [{"title": "Kimchi", "url": "http://a.example/"}]}'


class Busy(BaseHTTPRequestHandler):
    """Answers 503 until it was asked often enough."""

    refusals = 2

    def do_GET(self) -> None:
        status, body = (503, b"") if type(self).refusals else (200, FOUND)
        type(self).refusals -= status == 503
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def site() -> Iterator[str]:
    server = HTTPServer(("127.0.0.1", 0), Busy)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_servers_that_are_busy_at_first_are_asked_again(site: str) -> None:
    found = search(Settings(api=Api(site=site)), "kimchi")
    assert (found.total, Busy.refusals) == (1, 0)


class Making(MemoryIndex):
    """Its index of fates is being made at the first question."""

    asked = 0

    def fated(self, ranges: Mapping[tuple[str, int], tuple[int, int]]) -> dict[tuple[str, int], int]:
        self.asked += 1
        if self.asked == 1:
            raise Transient("elasticsearch did not answer a search: all shards failed")
        return {place: end - first for place, (first, end) in ranges.items()}


def test_an_index_that_is_being_made_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(first_crawl.time, "sleep", lambda _: None)
    index = Making()
    services = replace(empty(lambda: 1_760_000_000_000).services, index=index)
    services.log.append("crawl.a", page("a.example", 1))
    with ConsoleProgress() as progress:
        wait_for_fates(services, progress, {})
    assert index.asked == 2
