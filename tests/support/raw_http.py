"""Requests byte by byte, as no client of a library would send them."""

from __future__ import annotations

import socket
from dataclasses import dataclass

import orjson

from riverline_stack.servers.addresses import host_of, port_of


@dataclass(frozen=True)
class RawAnswer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def kind(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]

    def json(self) -> dict[str, object]:
        return dict(orjson.loads(self.body))


def get(address: str, target: bytes) -> RawAnswer:
    """The answer to a GET of those bytes."""
    return ask(address, b"GET " + target + b" HTTP/1.1\r\nHost: " + address.encode() + b"\r\nConnection: close\r\n\r\n")


def ask(address: str, request: bytes) -> RawAnswer:
    """The answer to those bytes; the server must close the connection after it."""
    with socket.create_connection((host_of(address), port_of(address)), timeout=20) as connection:
        connection.sendall(request)
        said = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, body = said.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if headers.get("transfer-encoding") == "chunked":
        body = _joined(body)
    return RawAnswer(int(first.split()[1]), headers, body)


def _joined(body: bytes) -> bytes:
    parts = []
    while body:
        size, _, rest = body.partition(b"\r\n")
        parts.append(rest[: int(size, 16)])
        body = rest[int(size, 16) + 2 :]
    return b"".join(parts)
