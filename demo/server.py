"""The sockets of the demo web: an HTTP/1.1 server and forward proxy on the loopback interface."""

import asyncio
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import TextIO

from demo.web import Answer, Web, host_and_path

HOST = "127.0.0.1"
MAX_BODY = 1 << 20


@dataclass(frozen=True)
class Request:
    """A request's line and headers (names in lower case); its body is read and dropped."""

    method: str
    target: str
    version: str
    headers: dict[str, str]

    @property
    def keeps_alive(self) -> bool:
        """Whether the client wants to use the connection again."""
        connection = self.headers.get("proxy-connection", self.headers.get("connection", "")).lower()
        return connection == "keep-alive" if self.version == "HTTP/1.0" else connection != "close"


def parsed(head: bytes) -> Request:
    """The request of a head. Raises ValueError where it is malformed."""
    line, *fields = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, target, version = line.split(" ")
    pairs = (field.split(":", 1) for field in fields)
    return Request(method, target, version, {name.strip().lower(): value.strip() for name, value in pairs})


def written(answer: Answer, keeps_alive: bool) -> bytes:
    """An answer as it goes over the wire."""
    lines = [f"HTTP/1.1 {answer.status} {HTTPStatus(answer.status).phrase}", "Server: demo"]
    lines += [f"{name}: {value}" for name, value in answer.headers.items()]
    lines.append(f"Connection: {'keep-alive' if keeps_alive else 'close'}")
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + answer.body


class Server:
    """Serves a web; each request may be logged as one line of JSON."""

    def __init__(self, web: Web, log: TextIO | None = None) -> None:
        self.web = web
        self.log = log

    async def connection(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answers the requests of a connection until either side ends it."""
        try:
            while await self._exchange(reader, writer):
                pass
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            pass  # The client went away or never spoke HTTP: nothing is owed to it.
        finally:
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = await reader.readuntil(b"\r\n\r\n")
        try:
            request = parsed(head)
            length = int(request.headers.get("content-length", 0))
            if not 0 <= length <= MAX_BODY:
                raise ValueError(f"a body of {length} bytes")
            await reader.readexactly(length)
            answer = self.web.answer(request.method, request.target, request.headers)
        except ValueError:
            writer.write(written(Answer(400, {"Content-Length": "0"}), keeps_alive=False))
            return False
        self._record(request, answer)
        writer.write(written(answer, request.keeps_alive))
        await writer.drain()
        return request.keeps_alive

    def _record(self, request: Request, answer: Answer) -> None:
        if not self.log:
            return
        host, path = host_and_path(request.target, request.headers)
        line = {"time": time.time(), "host": host, "path": path, "status": answer.status, "bytes": len(answer.body)}
        self.log.write(json.dumps(line | {"user_agent": request.headers.get("user-agent", "")}) + "\n")
        self.log.flush()


async def listen(server: Server, port: int, host: str = HOST) -> asyncio.Server:
    """Starts to listen, by default on the loopback interface; port 0 takes a free one."""
    return await asyncio.start_server(server.connection, host, port)


async def serve(port: int, log: Path | None, host: str = HOST) -> None:
    """Serves until it is cancelled, saying on one line when it is ready."""
    with log.open("a", encoding="utf-8") if log else nullcontext() as lines:
        server = Server(Web(), lines)
        listening = await listen(server, port, host)
        bound = listening.sockets[0].getsockname()[1]
        print(f"demo web: {len(server.web.sites)} hosts behind http://{host}:{bound}", flush=True)
        await listening.serve_forever()


@contextmanager
def running(port: int = 0, log: TextIO | None = None, web: Web | None = None) -> Iterator[int]:
    """Serves in a thread of its own for the length of a `with`; gives the port. For tests."""
    loop = asyncio.new_event_loop()
    listening = loop.run_until_complete(listen(Server(web or Web(), log), port))
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield listening.sockets[0].getsockname()[1]
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        listening.close()
        loop.run_until_complete(_end_tasks(loop))
        loop.close()


async def _end_tasks(loop: asyncio.AbstractEventLoop) -> None:
    tasks = [task for task in asyncio.all_tasks(loop) if task is not asyncio.current_task()]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
