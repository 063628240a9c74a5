"""What an administrator may have looked at, through this site, before it becomes a target."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any, ClassVar

import pytest

from riverline.settings import Crawl
from riverline_api.resources.target_preview import client_of, preview


class Inside(BaseHTTPRequestHandler):
    """A server of the operator's own network."""

    asked: ClassVar[list[str]] = []
    leads_to = ""

    def do_GET(self) -> None:
        self.asked.append(self.path)
        away = self.path == "/away"
        self.send_response(302 if away else 200)
        if away:
            self.send_header("Location", self.leads_to)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def port() -> Iterator[int]:
    Inside.asked.clear()
    server = HTTPServer(("127.0.0.1", 0), Inside)
    Thread(target=server.serve_forever, daemon=True).start()
    yield server.server_port
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "127.1", "[::ffff:127.0.0.1]"])
def test_nothing_of_the_own_network_is_looked_at(port: int, host: str) -> None:
    with client_of(Crawl(private=())) as client:
        found = preview(f"http://{host}:{port}/", client, "bot")
    assert (found.problem, Inside.asked) == ("private_address", [])


def test_a_name_that_leads_there_is_not_followed(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def resolved(host: str, at: int, **_: Any) -> list[Any]:
        assert host == "evil.example"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", at))]

    monkeypatch.setattr("riverline_api.resources.guarded_client.socket.getaddrinfo", resolved)
    with client_of(Crawl(private=("127.0.0.0/8",))) as client:
        found = preview(f"http://evil.example:{port}/", client, "bot")
    assert (found.problem, Inside.asked) == ("private_address", [])


def test_what_the_operator_has_opened_is_looked_at_and_a_redirect_leads_no_further(port: int) -> None:
    with client_of(Crawl(private=(f"127.0.0.1:{port}",))) as client:
        assert preview(f"http://127.0.0.1:{port}/", client, "bot").status == 200
        Inside.leads_to = f"http://127.0.0.2:{port}/secret"
        assert preview(f"http://127.0.0.1:{port}/away", client, "bot").problem == "private_address"
    assert "/secret" not in Inside.asked
