"""The searches that end a first crawl."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from riverline.settings import Api, Settings
from riverline_commands.first_crawl import search

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
