"""Serves Storm UI's REST API at the address of `RIVERLINE_STORM__UI`: `python -m storm_ui`."""

from __future__ import annotations

import json
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl, unquote, urlsplit

from riverline.errors import Transient
from riverline.settings import Settings
from riverline.stores.nimbus import nimbus_client
from storm_ui.page import page
from storm_ui.routes import Unknown, answer

JSON, HTML = "application/json; charset=utf-8", "text/html; charset=utf-8"
ANSWER_SECONDS = 15.0  # of Nimbus


class Handler(BaseHTTPRequestHandler):
    """One request: one connection to Nimbus."""

    protocol_version = "HTTP/1.1"
    timeout = 30
    nimbus: str

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        try:
            if parts.path == "/":
                self._send(HTTPStatus.OK, HTML, self._page())
            else:
                asked = self._ask(unquote(parts.path), dict(parse_qsl(parts.query)))
                self._send(HTTPStatus.OK, JSON, json.dumps(asked, ensure_ascii=False))
        except Unknown as error:
            self._refuse(HTTPStatus.NOT_FOUND, str(error))
        except Transient as error:
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, str(error))

    do_HEAD = do_GET

    def _ask(self, path: str, query: dict[str, str]) -> dict[str, object]:
        with nimbus_client(self.nimbus, ANSWER_SECONDS) as nimbus:
            return answer(path, query, nimbus, time.time())

    def _page(self) -> str:
        with nimbus_client(self.nimbus, ANSWER_SECONDS) as nimbus:

            def ask(what: str) -> dict[str, object]:
                return answer(f"/api/v1/{what}", {}, nimbus, time.time())

            topologies = [ask(f"topology/{each['id']}") for each in ask("topology/summary")["topologies"]]
            return page(ask("cluster/summary"), ask("supervisor/summary")["supervisors"], topologies)

    def _refuse(self, status: HTTPStatus, why: str) -> None:
        """Storm UI's own form of an error."""
        self._send(status, JSON, json.dumps({"error": f"{status.value} {status.phrase}", "errorMessage": why}))

    def _send(self, status: HTTPStatus, kind: str, text: str) -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Not a line for each request."""


class Server(ThreadingHTTPServer):
    daemon_threads = True


def main() -> None:
    settings = Settings.load()
    host, port = settings.storm.ui.rsplit(":", 1)
    handler = type("ClusterHandler", (Handler,), {"nimbus": settings.storm.nimbus})
    with Server((host, int(port)), handler) as server:
        server.serve_forever()


if __name__ == "__main__":
    main()
