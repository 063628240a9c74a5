"""Redis alone, with TLS: the cluster, its bus, its replicas, and Celery's broker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from riverline.adapters.redis.connection import Node, RedisConnection
from riverline.errors import Transient
from riverline.health import checks_of
from riverline.settings import Settings
from riverline_stack.servers import redis_servers
from riverline_stack.servers.addresses import beside
from tests.support.redis_copies import assert_writes_are_replicated
from tests.support.tls import (
    another_authority,
    assert_asks_for_a_certificate,
    few_servers_with_tls,
    trusting,
    without_tls,
)

OFFSET = 21_000  # ports of its own


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with few_servers_with_tls(tmp_path_factory.mktemp("redis") / "home", OFFSET, redis_servers.programs) as own:
        yield own


def test_the_projects_client_goes_through_and_replicas_follow(settings: Settings) -> None:
    assert_writes_are_replicated(settings)


def test_celerys_broker_is_reached_by_its_url_and_by_the_own_client(settings: Settings) -> None:
    from celery import Celery

    with Celery(broker=settings.celery.url).connection() as connection:
        connection.ensure_connection(max_retries=1)
    assert Node(settings.celery.broker, 5, server=settings.celery).ask(("PING",)) == [b"PONG"]
    checks = checks_of(settings, None)  # type: ignore[arg-type]  # it is not asked
    checks["redis-celery"]()
    checks["redis-cluster"]()


def test_the_certificate_of_another_authority_is_refused_with_the_next_step(settings: Settings, tmp_path: Path) -> None:
    stranger = trusting(settings, another_authority(tmp_path))
    for address, server in ((settings.redis.nodes[0], stranger.redis), (settings.celery.broker, stranger.celery)):
        with pytest.raises(OSError, match=r"authority that .*another.pem, the file of RIVERLINE_TLS__CA_FILE"):
            RedisConnection(address, 5, server)
    with pytest.raises(Transient, match="RIVERLINE_TLS__CA_FILE"):
        Node(settings.celery.broker, 5, server=stranger.celery).ask(("PING",))


def test_a_client_without_tls_gets_nothing_and_is_told_why(settings: Settings) -> None:
    plain = without_tls(without_tls(settings, "redis"), "celery")
    with pytest.raises(OSError, match="RIVERLINE_REDIS__TLS=on"):
        RedisConnection(settings.redis.nodes[0], 5, plain.redis)
    with pytest.raises(OSError, match="RIVERLINE_CELERY__TLS=on"):
        RedisConnection(settings.celery.broker, 5, plain.celery)


def test_the_cluster_bus_answers_nobody_without_a_certificate(settings: Settings) -> None:
    assert_asks_for_a_certificate(beside(settings.redis.nodes[0], redis_servers.BUS), settings.tls.ca_file)
