"""A forward proxy before another one, which writes down when each request arrived and when it was answered.

    python -m bench.relay --upstream 127.0.0.1:8899 --log relay.jsonl

A server's own log says when it had written an answer; how far apart requests were sent is to be seen where they arrive.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import time
from pathlib import Path
from typing import TextIO
from urllib.parse import urlsplit

HEAD = b"\r\n\r\n"
CHUNK = 64 << 10


class Relay:
    """Passes requests on, one a connection. A line of the log: `time` of arrival and `answered` (s since 1970), host,
    path, status, bytes of the body, and the headers that ask whether a page has changed."""

    def __init__(self, upstream: str, log: TextIO) -> None:
        host, _, port = upstream.rpartition(":")
        self._upstream, self._log = (host, int(port)), log

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError, ValueError):
            await self._exchange(reader, writer)
        writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(HEAD)
        line = _line(head, time.time())
        try:
            answers, asking = await asyncio.open_connection(*self._upstream)
            try:
                asking.write(_closing(head))
                answer = await answers.readuntil(HEAD)
                writer.write(_closing(answer))
                line |= {"status": int(answer.split(b" ", 2)[1]), "bytes": await _passed(answers, writer)}
            finally:
                asking.close()
        finally:
            self._log.write(json.dumps(line | {"answered": time.time()}) + "\n")
            self._log.flush()


def _line(head: bytes, at: float) -> dict[str, object]:
    first, *fields = head.decode("latin-1").strip().split("\r\n")
    address = urlsplit(first.split(" ")[1])
    path = (address.path or "/") + (f"?{address.query}" if address.query else "")
    names = [field.partition(":")[0].strip().lower() for field in fields]
    asks = [name for name in ("if-none-match", "if-modified-since") if name in names]
    return {"time": at, "host": (address.hostname or "").lower(), "path": path, "status": 0, "bytes": 0, "asks": asks}


def _closing(head: bytes) -> bytes:
    """The head with the word that the connection ends after this exchange."""
    lines = [line for line in head[: -len(HEAD)].split(b"\r\n") if not line.lower().startswith(b"connection:")]
    return b"\r\n".join([*lines, b"Connection: close"]) + HEAD


async def _passed(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> int:
    size = 0
    while part := await reader.read(CHUNK):
        size += len(part)
        writer.write(part)
        await writer.drain()
    return size


async def serve(port: int, upstream: str, log: Path) -> None:
    """Serves until it is cancelled; says its port on a line when it is ready."""
    with log.open("a") as lines:
        server = await asyncio.start_server(Relay(upstream, lines).connection, "127.0.0.1", port, limit=1 << 20)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


def main(line: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--port", type=int, default=0, help="0: any that is free")
    parser.add_argument("--upstream", required=True, help="host:port of the other proxy")
    parser.add_argument("--log", type=Path, required=True)
    asked = parser.parse_args(line)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(serve(asked.port, asked.upstream, asked.log))


if __name__ == "__main__":
    main(sys.argv[1:])
