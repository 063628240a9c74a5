"""Requests to Elasticsearch: connected on first use, with the project's own errors."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any

import orjson

from riverline.adapters.circuit_breaker import Gate
from riverline.adapters.elasticsearch.client_import import import_client
from riverline.errors import Fatal, Invalid, NotFound, RiverlineError, Transient
from riverline.settings import Elasticsearch as ElasticsearchSettings

if TYPE_CHECKING:
    from elasticsearch import Elasticsearch

_JSON = {"accept": "application/json", "content-type": "application/json"}
_NDJSON = {"accept": "application/json", "content-type": "application/x-ndjson"}
PAUSE_SECONDS = 0.5  # between two looks at a server that does not answer, for which nobody waits
HURRIED_SECONDS = 0.5  # that a server has to answer a probe while a request waits
LOOK_SECONDS = 3.0  # and while nobody does
SERVED = 0.9  # share of the request's time that the server gets
MISSING_INDEX = "index_not_found_exception"


class ElasticsearchConnection:
    """Threads may share it; processes that fork may not have used it before.

    Every call raises Transient when no server answers in time or it is overloaded, NotFound for what does not exist,
    Invalid for a request that the server refuses, Fatal when what answers is no Elasticsearch.
    """

    def __init__(self, settings: ElasticsearchSettings, patience: float | None = None) -> None:
        """`patience`: the `timeout` of calls that have none."""
        self._settings, self._patience = settings, patience
        self._gate = Gate(self._look, PAUSE_SECONDS, 2 * LOOK_SECONDS, f"elasticsearch {','.join(settings.urls)}")
        self._patient: dict[float, Elasticsearch] = {}

    @cached_property
    def _client(self) -> Elasticsearch:
        # Imported here, since the client costs more than a second to import and some commands never search.
        import_client()
        from elasticsearch import Elasticsearch
        from elasticsearch.serializer import OrjsonSerializer

        from riverline.adapters.elasticsearch.node import DirectNode

        logging.getLogger("elastic_transport").setLevel(logging.WARNING)  # else it tells of every request
        password, ca_file = self._settings.password, self._settings.ca_file
        trusted: dict[str, Any] = {"ca_certs": str(ca_file)} if ca_file and self._settings.tls else {}
        return Elasticsearch(
            list(self._settings.urls),
            basic_auth=(self._settings.user, password) if password else None,
            request_timeout=self._settings.timeout,
            max_retries=2,  # on another node, when one cannot be reached; a time-out is the caller's to judge
            retry_on_timeout=False,
            node_class=DirectNode,
            **trusted,
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
        """The decoded answer to a JSON request. With a `timeout` (s) a user waits for it: it is sent once, and not
        at all while the server is known not to answer."""
        return self._send(method, path, None if body is None else orjson.dumps(body), _JSON, params, timeout)

    def search(
        self,
        path: str,
        body: Mapping[str, Any],
        params: Mapping[str, str] | None = None,
        timeout: float | None = None,
    ) -> Mapping[str, Any]:
        """The answer to a search, which the server ends by itself shortly before nobody waits for it any more: then
        Transient, since what it has by then is not the answer."""
        seconds = SERVED * (timeout or self._patience or self._settings.timeout)
        answer: Mapping[str, Any]
        answer = self.call("POST", path, {**body, "timeout": f"{round(seconds * 1000)}ms"}, params, timeout)
        if answer.get("timed_out"):
            raise Transient(f"elasticsearch did not find it within {seconds:.1f} s")
        return answer

    def searches(self, where: Mapping[str, Any], bodies: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """The answers to several searches in one request, in their order. Raises Transient where one has none."""
        head, within = orjson.dumps(where), {"timeout": f"{round(SERVED * self._settings.timeout * 1000)}ms"}
        lines = [line for body in bodies for line in (head, orjson.dumps({**body, **within}))]
        found: list[Mapping[str, Any]] = self.call_lines("/_msearch", lines)["responses"]
        for one in found:
            if "error" in one or one.get("timed_out"):
                reason = one.get("error", {}).get("reason", "it took too long")
                raise Transient(f"elasticsearch did not answer a search: {reason}")
        return found

    def call_lines(self, path: str, lines: list[bytes], params: Mapping[str, str] | None = None) -> Any:
        """The decoded answer to a request whose body is one JSON value a line (`_bulk`)."""
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
        import_client()
        from elasticsearch import ApiError, ConnectionTimeout, TransportError, UnsupportedProductError

        timeout = self._patience if timeout is None else timeout
        client = self._client if timeout is None else self._waited_for(timeout)
        if timeout is not None and not self._gate.lets_through():
            raise Transient("elasticsearch did not answer lately")
        try:
            answer = client.perform_request(method, path, params=params, headers=headers, body=body).body
            self._gate.open()
            return answer
        except UnsupportedProductError as error:
            raise Fatal(f"what answers at {', '.join(self._settings.urls)} is not Elasticsearch: {error}") from error
        except ConnectionTimeout as error:
            self._gate.suspect(lambda: self._look(HURRIED_SECONDS))  # one slow request is no verdict on the server
            raise Transient(f"elasticsearch does not answer: {error}") from error
        except TransportError as error:
            self._gate.shut()
            raise Transient(f"elasticsearch does not answer: {error.message}") from error  # as text it has no reason
        except ApiError as error:
            raise understood(error.meta.status, error.body) from error

    def _look(self, seconds: float = LOOK_SECONDS) -> None:
        """Raises when no server says anything."""
        self._waited_for(seconds).perform_request("GET", "/", headers=_JSON)

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
    if status in (401, 403) and kind == "security_exception":  # says nothing of what was sent: it may come again
        return Transient(f"elasticsearch rejects our login ({status}): {reason}")
    if status == 429 or status >= 500 or kind == "cluster_block_exception":
        return Transient(f"elasticsearch is busy ({status} {kind}): {reason}")
    if status == 404:
        return NotFound(f"elasticsearch does not have it ({kind}): {reason}")
    return Invalid(f"elasticsearch refuses it ({status} {kind}): {reason}", kind or "refused")


def _cause(body: Any) -> tuple[str, str]:
    error = body.get("error") if isinstance(body, dict) else None
    if not isinstance(error, dict):
        return "", str(error or body)[:500]
    roots = error.get("root_cause") or [error]
    return str(error.get("type", "")), str(roots[0].get("reason", error.get("reason", "")))[:500]
