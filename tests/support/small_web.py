"""A web of a test's own: answers by their paths, byte for byte, and what was asked for."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

NOT_THERE = (404, {"Content-Type": "text/plain"}, b"nothing here")
Answer = tuple[int, Mapping[str, str | list[str]], bytes]


def html(body: str, **headers: str | list[str]) -> Answer:
    """A page in UTF-8; a header is named with `_` for `-`."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return 200, {"Content-Type": "text/html; charset=utf-8", **named}, body.encode()


def moved(location: str, status: int = 301) -> Answer:
    """A redirect, its address sent in UTF-8 as it is."""
    return status, {"Location": location}, b""


@dataclass
class SmallWeb:
    """Its answers, which a test may change, and the paths that were asked for, with their times."""

    port: int
    answers: dict[str, Answer]
    asked: list[tuple[float, str]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def paths(self) -> list[str]:
        """Without those of robots.txt."""
        return [path for _, path in self.asked if path != "/robots.txt"]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    web: SmallWeb

    def do_GET(self) -> None:
        self.web.asked.append((time.monotonic(), self.path))
        status, headers, body = self.web.answers.get(self.path, NOT_THERE)
        lines = [f"HTTP/1.1 {status} x".encode()]
        for name, values in {**headers, "Content-Length": str(len(body))}.items():
            lines += [f"{name}: {value}".encode() for value in (values if isinstance(values, list) else [values])]
        self.wfile.write(b"\r\n".join([*lines, b"", b""]) + body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(answers: Mapping[str, Answer], robots: str = "") -> Iterator[SmallWeb]:
    """A server at a free port of loopback. Where the answers have no /robots.txt, `robots` is it."""
    handler = type("Handler", (_Handler,), {})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    given = {"/robots.txt": (200, {"Content-Type": "text/plain"}, robots.encode()), **answers}
    handler.web = web = SmallWeb(server.server_port, given)  # type: ignore[attr-defined]
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield web
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
