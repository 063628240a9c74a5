"""Elasticsearch alone: it answers who knows its password and no page of another site, whatever else is asked."""

from __future__ import annotations

import socket
import struct
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from riverline.adapters.elasticsearch.connection import ElasticsearchConnection
from riverline.errors import Invalid, Transient
from riverline.settings import Settings
from riverline_stack.servers import elastic_node
from riverline_stack.servers.addresses import beside, host_of, port_of
from tests.support.elastic import elastic
from tests.support.few_servers import few_servers

OFFSET = 17_000  # ports of its own
INDEX = "/kept"
VERSION = 7_17_29_99  # of the protocol between nodes, as the server numbers it
FAILED = 1 << 1  # in the status of an answer of that protocol


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    home = tmp_path_factory.mktemp("elastic") / "home"
    with few_servers(home, OFFSET, elastic_node.programs, elastic_node.install) as own:
        yield own


@pytest.fixture
def stranger(settings: Settings) -> Iterator[httpx.Client]:
    """Somebody who can reach the port."""
    with httpx.Client(base_url=settings.elasticsearch.urls[0], trust_env=False, timeout=30) as client:
        yield client


@pytest.fixture
def known(settings: Settings) -> Iterator[httpx.Client]:
    """Somebody who knows the password, and has put a document there."""
    with elastic(settings) as client:
        client.put(f"{INDEX}/_doc/1", params={"refresh": "true"}, json={"text": "kept"}).raise_for_status()
        yield client


ATTEMPTS = [
    ("GET", "/"),
    ("HEAD", INDEX),
    ("GET", f"{INDEX}/_search"),
    ("GET", "/_cat/indices"),
    ("GET", "/_nodes"),
    ("POST", f"{INDEX}/_delete_by_query"),
    ("POST", "/_bulk"),
    ("PUT", f"{INDEX}/_doc/2"),
    ("DELETE", INDEX),
    ("PUT", "/_cluster/settings"),
]
BODIES = {"/_bulk": b'{"delete":{"_index":"kept","_id":"1"}}\n'}


def number(known: httpx.Client) -> int:
    known.post(f"{INDEX}/_refresh").raise_for_status()
    return int(known.get(f"{INDEX}/_count").raise_for_status().json()["count"])


def asked(client: httpx.Client, method: str, path: str, headers: dict[str, str]) -> httpx.Response:
    kind = {"Content-Type": "application/x-ndjson" if path in BODIES else "application/json"}
    body = BODIES.get(path, b'{"query":{"match_all":{}}}' if method != "HEAD" else None)
    return client.request(method, path, content=body, headers={**kind, **headers})


@pytest.mark.parametrize(("method", "path"), ATTEMPTS)
@pytest.mark.parametrize("shown", [None, "Basic cml2ZXJsaW5lOg==", "Basic %%", "Bearer riverline", "Basic"])
def test_who_does_not_know_the_password_gets_nothing_and_changes_nothing(
    known: httpx.Client, stranger: httpx.Client, method: str, path: str, shown: str | None
) -> None:
    answer = asked(stranger, method, path, {"Authorization": shown} if shown else {})
    assert answer.status_code == 401
    assert "kept" not in answer.text
    assert number(known) == 1


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "evil.example"},
        {"Host": "evil.example:9200"},
        {"Host": "localhost.evil.example"},
        {"Host": "127.0.0.1.evil.example:24200"},
    ],
)
def test_a_page_of_another_site_is_refused_even_where_the_browser_knows_the_password(
    known: httpx.Client, headers: dict[str, str]
) -> None:
    for method, path in ATTEMPTS:
        assert asked(known, method, path, headers).status_code == 403
    assert number(known) == 1


def test_who_looks_at_it_in_a_browser_and_knows_the_password_is_answered(settings: Settings) -> None:
    with elastic(settings) as client:
        own = {"Origin": settings.elasticsearch.urls[0], "Sec-Fetch-Site": "same-origin"}
        assert client.get("/", headers=own).status_code == 200
        port = settings.elasticsearch.urls[0].rsplit(":", 1)[1]
        assert client.get("/", headers={"Host": f"localhost:{port}", "Sec-Fetch-Site": "none"}).status_code == 200


def test_the_projects_client_is_known(settings: Settings) -> None:
    assert ElasticsearchConnection(settings.elasticsearch).call("GET", "/")["cluster_name"] == "riverline"


def test_a_client_with_a_wrong_password_waits_and_judges_nothing_that_it_sent(
    settings: Settings, tmp_path: Path
) -> None:
    wrong = settings.elasticsearch.model_copy(update={"password_file": tmp_path / "none"})
    with pytest.raises(Transient, match="rejects our login"):
        ElasticsearchConnection(wrong).call("POST", f"{INDEX}/_search", {})


def test_indices_are_not_deleted_by_a_pattern(settings: Settings, known: httpx.Client) -> None:
    with pytest.raises(Invalid, match="Wildcard"):
        ElasticsearchConnection(settings.elasticsearch).call("DELETE", "/kep*")
    assert number(known) == 1


def short(text: str) -> bytes:
    return bytes([len(text)]) + text.encode()


def node_request(action: str, body: bytes) -> bytes:
    """A request of one node to another, as TcpHeader and OutboundMessage of 7.17 lay it out."""
    variable = b"\0" + b"\0" + b"\0" + short(action)  # no headers of the request, none of answers, no features
    head = struct.pack(">qBii", 1, 0, VERSION, len(variable))
    message = head + variable + body
    return b"ES" + struct.pack(">i", len(message)) + message


def test_another_node_gets_no_answer(settings: Settings) -> None:
    http = settings.elasticsearch.urls[0].removeprefix("http://")
    address = beside(http, elastic_node.TRANSPORT)
    with socket.create_connection((host_of(address), port_of(address)), 10) as connection:
        connection.sendall(node_request("cluster:monitor/main", short("")))  # from no task
        answer = connection.recv(65_536)
    assert answer[:2] == b"ES"
    assert answer[14] & FAILED
    assert b"answers no other node" in answer
