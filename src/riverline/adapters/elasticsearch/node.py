"""HTTP/1.1 to one server of Elasticsearch, with TLS or without, for the client's own node interface.

The client's usual node costs three times the processor time of a request: a search asks several, and waits for each.
"""

from __future__ import annotations

import ssl
import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection, RemoteDisconnected
from pathlib import Path

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

from riverline.adapters import tls

KEPT = 10  # idle connections
SWITCH = "`https` in RIVERLINE_ELASTICSEARCH__URLS"


class DirectNode(BaseNode):
    """Threads may share it; each request has a connection of its own while it lasts."""

    def __init__(self, config: NodeConfig) -> None:
        super().__init__(config)
        self._ca_file = Path(config.ca_certs) if config.ca_certs else None
        self._idle: list[HTTPConnection] = []

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
        # One name in two spellings would be two headers; what a request gives replaces what the node has.
        given = (*self.headers.items(), *(headers.items() if headers else ()))
        fields = {name.lower(): value for name, value in given}
        try:
            status, answered, data = self._exchange(method, self.path_prefix + target, body or b"", fields, timeout)
        except TimeoutError as error:
            raise ConnectionTimeout("Connection timed out during request", errors=(error,)) from error
        except (OSError, HTTPException) as error:
            raise ConnectionError(self._explained(error), errors=(error,)) from error
        meta = ApiResponseMeta(
            node=self.config,
            duration=time.perf_counter() - start,
            http_version="1.1",
            status=status,
            headers=HttpHeaders(answered),
        )
        return NodeApiResponse(meta, data)

    def _explained(self, error: Exception) -> str:
        if isinstance(error, ssl.SSLError):
            return tls.meaning(error, SWITCH, self._ca_file)
        if isinstance(error, RemoteDisconnected) and self.config.scheme == "http":
            return f"{error}: {tls.WANTS_TLS.format(switch=SWITCH)}"
        return str(error) or repr(error)

    def _exchange(
        self, method: str, path: str, body: bytes, headers: dict[str, str], timeout: float | None
    ) -> tuple[int, dict[str, str], bytes]:
        connection = self._connected(timeout)
        try:
            connection.request(method, path, body, headers)
            with connection.getresponse() as answer:
                data = answer.read()
        except BaseException:
            connection.close()
            raise
        if answer.will_close or len(self._idle) >= KEPT:
            connection.close()
        else:
            self._idle.append(connection)
        return answer.status, dict(answer.headers.items()), data

    def _connected(self, timeout: float | None) -> HTTPConnection:
        """An idle connection, or one that connects with the request."""
        while True:
            try:
                connection = self._idle.pop()
            except IndexError:
                if self.config.scheme == "https":
                    trusted = tls.context(self._ca_file)
                    return HTTPSConnection(self.config.host, self.config.port, timeout=timeout, context=trusted)
                return HTTPConnection(self.config.host, self.config.port, timeout)
            if _is_open(connection):
                connection.sock.settimeout(timeout)
                return connection
            connection.close()

    def close(self) -> None:
        while self._idle:
            self._idle.pop().close()


def _is_open(idle: HTTPConnection) -> bool:
    """Whether the server has neither closed the connection nor sent what nobody asked for."""
    try:
        idle.sock.settimeout(0)
        idle.sock.recv(1)  # whatever there is, the connection is not used again
    except (BlockingIOError, ssl.SSLWantReadError):
        return True
    except OSError:
        pass
    return False
