"""HTTP/1.1 to one server of Elasticsearch, without TLS, for the client's own node interface.

The client's usual node costs three times the processor time of a request: a search asks several, and waits for each.
"""

from __future__ import annotations

import http.client
import socket
import time

from elastic_transport import (
    ApiResponseMeta,
    BaseNode,
    ConnectionError,
    ConnectionTimeout,
    HttpHeaders,
    NodeConfig,
)
from elastic_transport._node import NodeApiResponse  # it has no public name
from elastic_transport.client_utils import DEFAULT, DefaultType

KEPT = 10  # idle connections


class PlainNode(BaseNode):
    """Threads may share it; each request has a connection of its own while it lasts."""

    def __init__(self, config: NodeConfig) -> None:
        super().__init__(config)
        self._idle: list[socket.socket] = []
        self._host = f"[{config.host}]:{config.port}" if ":" in config.host else f"{config.host}:{config.port}"

    def perform_request(
        self,
        method: str,
        target: str,
        body: bytes | None = None,
        headers: HttpHeaders | None = None,
        request_timeout: DefaultType | float | None = DEFAULT,
    ) -> NodeApiResponse:
        """The answer. `request_timeout` bounds, in seconds, the wait to connect and for each piece of it."""
        start = time.perf_counter()
        timeout = self.config.request_timeout if isinstance(request_timeout, DefaultType) else request_timeout
        payload = body or b""
        given = (*self.headers.items(), *(headers.items() if headers else ()))
        fields = {name.lower(): value for name, value in given}
        fields |= {"host": self._host, "content-length": str(len(payload))}
        lines = "".join([f"{name}: {value}\r\n" for name, value in fields.items()])
        head = f"{method} {self.path_prefix}{target} HTTP/1.1\r\n{lines}\r\n"
        try:
            status, answered, data = self._exchange(method, head.encode("latin-1") + payload, timeout)
        except TimeoutError as error:
            raise ConnectionTimeout("Connection timed out during request", errors=(error,)) from error
        except (OSError, http.client.HTTPException) as error:
            raise ConnectionError(str(error) or repr(error), errors=(error,)) from error
        meta = ApiResponseMeta(
            node=self.config,
            duration=time.perf_counter() - start,
            http_version="1.1",
            status=status,
            headers=HttpHeaders(answered),
        )
        return NodeApiResponse(meta, data)

    def _exchange(self, method: str, sent: bytes, timeout: float | None) -> tuple[int, dict[str, str], bytes]:
        connection = self._connected(timeout)
        try:
            connection.sendall(sent)
            answer = http.client.HTTPResponse(connection, method=method)
            with answer:
                answer.begin()
                data = answer.read()
        except BaseException:
            connection.close()
            raise
        if answer.will_close or len(self._idle) >= KEPT:
            connection.close()
        else:
            self._idle.append(connection)
        return answer.status, dict(answer.headers.items()), data

    def _connected(self, timeout: float | None) -> socket.socket:
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = socket.create_connection((self.config.host, self.config.port), timeout)
                connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                return connection
            if _is_open(connection):
                connection.settimeout(timeout)
                return connection
            connection.close()

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()


def _is_open(idle: socket.socket) -> bool:
    """Whether the server has neither closed the connection nor sent what nobody asked for."""
    try:
        idle.settimeout(0)
        idle.recv(1, socket.MSG_PEEK)
    except BlockingIOError:
        return True
    except OSError:
        pass
    return False
