"""Redis alone: who does not know a password gets nothing, and applications administer nothing."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest
import redis
from redis.backoff import NoBackoff
from redis.exceptions import NoPermissionError
from redis.retry import Retry

from riverline.adapters.redis.cluster import RedisCluster, slot_of
from riverline.adapters.redis.key_value import RedisKeyValue
from riverline.secret_files import AUTHORITY_FILE, SECRETS
from riverline.settings import Guarded, Settings
from riverline_stack.servers import redis_servers
from riverline_stack.servers.addresses import beside, host_of, port_of
from riverline_stack.servers.credentials import credential
from riverline_stack.supervision import lifecycle
from tests.support.few_servers import few_servers
from tests.support.redis_copies import assert_writes_are_replicated
from tests.support.stack import until
from tests.support.tls import assert_asks_for_a_certificate

OFFSET = 18_000  # ports of its own


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with few_servers(tmp_path_factory.mktemp("redis") / "home", OFFSET, redis_servers.programs) as own:
        yield own


def asked(address: str, command: str, user: str | None = None, password: str | None = None) -> object:
    """What one server answers at once: the library would ask again, and wait in between."""
    host, port, once = host_of(address), port_of(address), Retry(NoBackoff(), 0)
    with redis.Redis(host, port, username=user, password=password, socket_timeout=5, retry=once) as client:
        return client.execute_command(*command.split())


def servers(settings: Settings) -> list[tuple[str, Guarded]]:
    nodes: list[tuple[str, Guarded]] = [(address, settings.redis) for address in settings.redis.nodes]
    return [*nodes, (settings.celery.broker, settings.celery)]


COMMANDS = (
    "PING",
    "INFO",
    "KEYS *",
    "GET a",
    "SET a 1",
    "FLUSHALL",
    "CONFIG GET *",
    "CLUSTER NODES",
    "SHUTDOWN NOSAVE",
)


@pytest.mark.parametrize("command", COMMANDS)
def test_who_shows_no_password_or_a_wrong_one_gets_nothing(settings: Settings, command: str) -> None:
    for address, server in servers(settings):
        with pytest.raises(redis.AuthenticationError):
            asked(address, command)
        with pytest.raises(redis.AuthenticationError):
            asked(address, command, server.user, "guessed")


@pytest.mark.parametrize(
    "command", ["CONFIG SET dir /tmp", "ACL LIST", "SHUTDOWN NOSAVE", "CLUSTER FORGET x", "MONITOR"]
)
def test_applications_administer_nothing(settings: Settings, command: str) -> None:
    for address, server in servers(settings):
        with pytest.raises(NoPermissionError):
            asked(address, command, server.user, server.password)


@pytest.mark.parametrize("command", ["GET a", "SET a 1", "FLUSHALL", "CONFIG GET *", "INFO"])
def test_a_replica_follows_its_master_and_does_nothing_else(settings: Settings, command: str) -> None:
    password = credential(settings, "redis-replica")
    with pytest.raises(NoPermissionError):
        asked(settings.redis.nodes[0], command, redis_servers.REPLICA, password)


def test_the_password_of_one_server_is_none_of_the_other(settings: Settings) -> None:
    with pytest.raises(redis.AuthenticationError):
        asked(settings.celery.broker, "PING", settings.celery.user, settings.redis.password)


def test_the_projects_client_is_known_to_every_node_and_replicas_follow(settings: Settings) -> None:
    assert_writes_are_replicated(settings)


@pytest.mark.parametrize("offset", [redis_servers.BUS, redis_servers.BETWEEN_NODES])
def test_nodes_talk_with_those_who_show_a_certificate_alone(settings: Settings, offset: int) -> None:
    for address in settings.redis.nodes:
        assert_asks_for_a_certificate(beside(address, offset), settings.home / SECRETS / AUTHORITY_FILE)


def test_a_cluster_whose_bus_asked_nobody_is_whole_with_one_that_does(settings: Settings) -> None:
    """As after an upgrade: its nodes know each other by the ports of before."""
    nodes = [each for each in redis_servers.programs(settings) if each.name != redis_servers.CELERY]
    secured = {path: path.read_text() for path in (node.directory / "redis.conf" for node in nodes)}
    plain = {path: re.sub("(?m)^tls-.*$", "", text) for path, text in secured.items()}
    supervisor = lifecycle.Supervisor(settings)
    for written in (plain, secured):
        for node in nodes:
            supervisor.stop(node.name)
        for path, text in written.items():
            path.write_text(text)
        for node in nodes:
            supervisor.start(node.name)
        for address in settings.redis.nodes:
            assert until(lambda at=address: lifecycle.reason(partial(redis_servers.agrees, settings, at)) is None, 30)
            assert until(lambda at=address: _follows(settings, at), 30), address


def test_slots_are_moved_by_who_asks_at_the_nodes_own_port(settings: Settings) -> None:
    """As the page says: nodes hand keys over with TLS, so that the tool has to know their ports for that."""
    key_value = RedisKeyValue(RedisCluster(settings.redis, timeout=5))
    key_value.put("moved", b"1", 60)
    nodes = [address for address in settings.redis.nodes if asked_by(settings, address, "ROLE")[0] == b"master"]
    held = f"CLUSTER COUNTKEYSINSLOT {slot_of('moved')}"
    source = next(address for address in nodes if asked_by(settings, address, held) == 1)
    target = next(address for address in nodes if address != source)
    before, slots = [asked_by(settings, address, "CLUSTER MYID").decode() for address in (source, target)], 16384
    shown = settings.home / "redis" / "1"
    command = [
        *("redis-cli", "--tls", "--cert", shown / "tls.pem", "--key", shown / "tls.pem"),
        *("--cacert", shown / AUTHORITY_FILE, "--user", redis_servers.ADMIN, "--no-auth-warning"),
        *("--cluster", "reshard", beside(source, redis_servers.BETWEEN_NODES)),
        *("--cluster-from", before[0], "--cluster-to", before[1], "--cluster-slots", slots, "--cluster-yes"),
    ]
    password = redis_servers.administrator(settings).password
    told = subprocess.run(
        [*map(str, command)],
        env={**os.environ, "REDISCLI_AUTH": password},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert told.returncode == 0, told.stdout[-800:]
    assert asked_by(settings, target, held) == 1
    assert key_value.get(["moved"]) == [b"1"]


def asked_by(settings: Settings, address: str, command: str) -> Any:
    """What one server answers to the stack's own account."""
    return asked(address, command, redis_servers.ADMIN, redis_servers.administrator(settings).password)


def test_data_of_a_server_that_asked_nobody_are_there_when_it_asks(settings: Settings) -> None:
    """As after an upgrade: the file of configuration is another one, the data are the same."""
    (celery,) = (program for program in redis_servers.programs(settings) if program.name == redis_servers.CELERY)
    configuration = celery.directory / "redis.conf"
    asks = configuration.read_text()
    supervisor = lifecycle.Supervisor(settings)
    supervisor.stop(celery.name)
    words = ("user ", "masteruser ", "masterauth ")
    configuration.write_text("".join(line for line in asks.splitlines(True) if not line.startswith(words)))
    supervisor.start(celery.name)
    assert until(lambda: _answers(settings.celery.broker), 20)
    asked(settings.celery.broker, "SET before 1")
    supervisor.stop(celery.name)
    redis_servers.programs(settings)  # writes the configuration anew
    supervisor.start(celery.name)
    assert until(lambda: lifecycle.reason(celery.ready) is None, 20)
    assert asked(settings.celery.broker, "GET before", settings.celery.user, settings.celery.password) == b"1"


def test_what_transactions_and_scripts_wrote_is_there_after_a_restart(settings: Settings) -> None:
    """Redis 7.0 reads its log of changes as the default account, and leaves out what that may not do."""
    (celery,) = (program for program in redis_servers.programs(settings) if program.name == redis_servers.CELERY)
    host, port = host_of(settings.celery.broker), port_of(settings.celery.broker)
    with redis.Redis(host, port, username=settings.celery.user, password=settings.celery.password) as client:
        with client.pipeline(transaction=True) as transaction:
            transaction.set("first", 1).set("second", 2).execute()
        client.eval("redis.call('SET', KEYS[1], 3) redis.call('SET', KEYS[2], 4)", 2, "third", "fourth")
    supervisor = lifecycle.Supervisor(settings)
    supervisor.stop(celery.name)
    supervisor.start(celery.name)
    assert until(lambda: lifecycle.reason(celery.ready) is None, 20)
    kept = asked(
        settings.celery.broker, "MGET first second third fourth", settings.celery.user, settings.celery.password
    )
    assert kept == [b"1", b"2", b"3", b"4"]


def _follows(settings: Settings, address: str) -> bool:
    """Whether a replica has what its master has, or a master a replica."""
    with redis_servers.administering(settings, address) as client:
        told = client.info("replication")
    return told.get("master_link_status") == "up" if told["role"] == "slave" else told["connected_slaves"] == 1


def _answers(address: str) -> bool:
    try:
        return bool(asked(address, "PING"))
    except redis.ConnectionError:
        return False
