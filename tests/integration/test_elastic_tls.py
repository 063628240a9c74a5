"""Elasticsearch alone, with TLS: over HTTP, and between nodes."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from riverline.adapters.elasticsearch.connection import ElasticsearchConnection
from riverline.errors import Transient
from riverline.settings import Settings
from riverline_stack.servers import elastic_node
from riverline_stack.servers.addresses import beside, host_of, port_of
from tests.support.tls import another_authority, few_servers_with_tls, trusting

OFFSET = 24_000  # ports of its own


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    home = tmp_path_factory.mktemp("elastic") / "home"
    with few_servers_with_tls(home, OFFSET, elastic_node.programs, elastic_node.install) as own:
        yield own


def test_the_projects_client_goes_through_and_uses_its_connection_again(settings: Settings) -> None:
    connection = ElasticsearchConnection(settings.elasticsearch)
    connection.call("PUT", "/kept/_doc/1", {"text": "x" * 200_000}, {"refresh": "true"})
    assert [connection.call("GET", "/kept/_count")["count"] for _ in range(20)] == [1] * 20
    opened = connection.call("GET", "/_nodes/stats/http")["nodes"]
    assert next(iter(opened.values()))["http"]["total_opened"] < 20
    connection.close()


def test_a_page_of_its_own_origin_is_answered_and_one_of_plain_http_is_not(settings: Settings) -> None:
    url = settings.elasticsearch.urls[0]
    trusted = ssl.create_default_context(cafile=settings.tls.ca_file)
    auth = (settings.elasticsearch.user, settings.elasticsearch.password)
    with httpx.Client(base_url=url, verify=trusted, trust_env=False, timeout=30) as client:
        assert client.get("/").status_code == 401
        assert client.get("/", auth=auth, headers={"Origin": url}).status_code == 200
        assert client.get("/", auth=auth, headers={"Origin": url.replace("https", "http")}).status_code == 403


def test_the_certificate_of_another_authority_is_refused_with_the_next_step(settings: Settings, tmp_path: Path) -> None:
    stranger = trusting(settings, another_authority(tmp_path))
    with pytest.raises(Transient, match=r"authority .* file of RIVERLINE_TLS__CA_FILE"):
        ElasticsearchConnection(stranger.elasticsearch).call("GET", "/", timeout=5)


def test_a_client_without_tls_gets_nothing_and_is_told_why(settings: Settings) -> None:
    urls = tuple(url.replace("https", "http") for url in settings.elasticsearch.urls)
    plain = settings.elasticsearch.model_copy(update={"urls": urls})
    with pytest.raises(Transient, match="set `https` in RIVERLINE_ELASTICSEARCH__URLS"):
        ElasticsearchConnection(plain).call("GET", "/", timeout=5)


def test_a_node_without_a_certificate_is_not_talked_to(settings: Settings) -> None:
    address = beside(settings.elasticsearch.urls[0].removeprefix("https://"), elastic_node.TRANSPORT)
    trusted = ssl.create_default_context(cafile=settings.tls.ca_file)
    with (
        socket.create_connection((host_of(address), port_of(address)), 10) as connection,
        pytest.raises(ssl.SSLError, match=r"(?i)certificate"),
        trusted.wrap_socket(connection, server_hostname=host_of(address)) as encrypted,
    ):
        encrypted.recv(1)
