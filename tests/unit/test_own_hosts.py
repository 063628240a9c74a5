"""Which hosts a server of HTTP answers to: a page that was bound to its address afterwards still tells its own name."""

from __future__ import annotations

import http.client
import importlib
import json
from contextlib import closing

import pytest
from prometheus_client import CollectorRegistry, Counter
from werkzeug.test import Client

from riverline import metrics_server
from riverline.own_hosts import OwnHosts, is_own, names_at
from riverline.settings import Settings


@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:8000", "localhost:8080", "LOCALHOST", "[::1]:80", "192.0.2.7"]
)
def test_addresses_and_the_machine_itself_are_own(host: str) -> None:
    assert is_own(host)


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example",
        "evil.example:8000",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1:evil",
        ":80",
    ],
)
def test_other_names_are_not(host: str) -> None:
    assert not is_own(host)


def test_names_of_the_settings_are_own_and_a_star_is_any() -> None:
    assert is_own("Riverline.example:443", {"riverline.example"})
    assert not is_own("sub.riverline.example", {"riverline.example"})
    assert is_own("anything", {"*"})


def test_what_listens_beyond_loopback_has_names_that_nobody_listed() -> None:
    assert (names_at("127.0.0.1"), names_at("localhost"), names_at("10.0.0.7")) == ((), (), ("*",))


def test_another_name_is_answered_421_and_the_application_hears_nothing() -> None:
    heard = []

    def application(environ, start_response):
        heard.append(environ["HTTP_HOST"])
        start_response("200 OK", [])
        return [b"here"]

    client = Client(OwnHosts(application, ["Riverline.example"]))
    refused = client.get("/", headers={"Host": "evil.example"})
    assert (refused.status_code, json.loads(refused.data)["status"]) == (421, 421)
    assert client.get("/", headers={"Host": "riverline.example"}).data == b"here"
    assert heard == ["riverline.example"]


def test_metrics_are_served_to_this_machine_s_names_alone() -> None:
    registry = CollectorRegistry()
    Counter("asked", "Times.", registry=registry).inc()
    server, thread = metrics_server.serve(registry, "127.0.0.1", 0)
    try:
        for host, status in (("127.0.0.1", 200), ("evil.example", 421)):
            with closing(http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)) as connection:
                connection.request("GET", "/metrics", headers={"Host": host})
                answer = connection.getresponse()
                assert (answer.status, b"asked_total 1.0" in answer.read()) == (status, status == 200)
    finally:
        server.shutdown()
        server.server_close()
        thread.join(10)


@pytest.mark.parametrize("module", ["riverline_api.wsgi", "riverline_storm_ui.wsgi"])
def test_the_servers_of_the_stack_refuse_another_name(module: str) -> None:
    client = Client(importlib.import_module(module).app)
    assert client.get("/docs", headers={"Host": "evil.example"}).status_code == 421


def test_a_site_answers_to_the_name_that_it_listens_at() -> None:
    api = Settings.model_validate({"api": {"site": "www.internal:8080", "hosts": "riverline.example"}}).api
    assert [is_own(host, api.names) for host in ("www.internal:8080", "riverline.example", "evil.example")] == [
        True,
        True,
        False,
    ]
