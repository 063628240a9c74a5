"""The one way in which requests go to Elasticsearch: connected on first use, and failing in the project's own terms."""

from __future__ import annotations

import logging
import time
from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

from riverline.errors import Fatal, Invalid, NotFound, RiverlineError, Transient
from riverline.settings import Elasticsearch as ElasticsearchSettings
from riverline.stores.breaker import Breaker

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

_JSON = {"accept": "application/json", "content-type": "application/json"}
_NDJSON = {"accept": "application/json", "content-type": "application/x-ndjson"}
PAUSE_SECONDS = 1.0  # for which nobody waits for a server that did not answer in time
MISSING_INDEX = "index_not_found_exception"


class Connection:
    """Threads may share it; processes that fork may not have used it before.

    Every call raises Transient when no server answers in time or it is overloaded, NotFound for what does not exist,
    Invalid for a request that the server refuses, Fatal when what answers is no Elasticsearch.
    """

    def __init__(self, settings: ElasticsearchSettings) -> None:
        self._settings = settings
        self._breaker = Breaker(PAUSE_SECONDS)
        self._patient: dict[float, Elasticsearch] = {}

    @cached_property
    def _client(self) -> Elasticsearch:
        # Imported here, since the client costs more than a second to import and some commands never search.
        from elastic_transport import Urllib3HttpNode
        from elasticsearch import Elasticsearch
        from elasticsearch.serializer import OrjsonSerializer

        from riverline.stores.elastic.node import PlainNode

        logging.getLogger("elastic_transport").setLevel(logging.WARNING)  # else it tells of every request
        return Elasticsearch(
            list(self._settings.urls),
            request_timeout=self._settings.timeout,
            max_retries=2,  # on another node, when one cannot be reached; a time-out is the caller's to judge
            retry_on_timeout=False,
            node_class=PlainNode if all(url.startswith("http:") for url in self._settings.urls) else Urllib3HttpNode,
            serializers={"application/json": OrjsonSerializer()},
        )

    def call(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None = None,
        params: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Any:
        """The decoded answer to a JSON request. With a `timeout` (s) somebody waits for it: it is asked once, and not
        at all while the server is known not to answer."""
        return self._send(method, path, None if body is None else orjson.dumps(body), _JSON, params, timeout)

    def call_lines(self, path: str, lines: list[bytes], params: Mapping[str, str] | None = None) -> Any:
        """The decoded answer to a request whose body is one JSON value a line (`_bulk`, `_msearch`)."""
        return self._send("POST", path, b"\n".join(lines) + b"\n", _NDJSON, params, None)

    def _send(
        self,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
        params: Mapping[str, str] | None,
        timeout: float | None,
    ) -> Any:
        from elasticsearch import ApiError, TransportError, UnsupportedProductError

        client = self._client if timeout is None else self._waited_for(timeout)
        if timeout is not None and not self._breaker.admits(time.monotonic()):
            raise Transient("elasticsearch did not answer lately")
        try:
            answer = client.perform_request(method, path, params=params, headers=headers, body=body).body
            self._breaker.succeeded()
            return answer
        except UnsupportedProductError as error:
            raise Fatal(f"what answers at {', '.join(self._settings.urls)} is no Elasticsearch: {error}") from error
        except TransportError as error:
            self._breaker.failed(time.monotonic())
            raise Transient(f"elasticsearch does not answer: {error}") from error
        except ApiError as error:
            raise understood(error.meta.status, error.body) from error

    def _waited_for(self, timeout: float) -> Elasticsearch:
        """The client, asking once and no longer than that. It is kept: making one takes half a millisecond."""
        if timeout not in self._patient:
            self._patient[timeout] = self._client.options(request_timeout=timeout, max_retries=0)
        return self._patient[timeout]

    def close(self) -> None:
        """Closes what was opened; the connection may be used again."""
        self._patient.clear()
        if "_client" in self.__dict__:
            self.__dict__.pop("_client").close()


def understood(status: int, body: Any) -> RiverlineError:
    """The project's own error for an answer that is not a success."""
    kind, reason = _cause(body)
    if status == 429 or status >= 500 or kind == "cluster_block_exception":
        return Transient(f"elasticsearch is busy ({status} {kind}): {reason}")
    if status == 404:
        return NotFound(f"elasticsearch does not hold it ({kind}): {reason}")
    return Invalid(f"elasticsearch refuses it ({status} {kind}): {reason}", kind or "refused")


def _cause(body: Any) -> tuple[str, str]:
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return "", str(error or body)[:500]
    roots = error.get("root_cause") or [error]
    return str(error.get("type", "")), str(roots[0].get("reason", error.get("reason", "")))[:500]
