"""Redis: a cluster of three masters and three replicas for caches; a plain server, which evicts nothing, for Celery.

Each requires a login. Applications may do all but administer it, replicas may follow their master, and the account of
the stack may do everything.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import redis

from riverline.adapters.redis.connection import encryption
from riverline.errors import Fatal, Transient
from riverline.retry import retried
from riverline.secret_files import SECRETS
from riverline.settings import Celery as CelerySettings
from riverline.settings import Redis as RedisSettings
from riverline.settings import RedisServer, Settings
from riverline_stack.servers.addresses import beside, host_of, is_on_loopback, port_of
from riverline_stack.servers.credentials import credential, digest_of, password_of, write_private
from riverline_stack.servers.shown import files_in, shown_by
from riverline_stack.supervision.accounts import REDIS
from riverline_stack.supervision.program import Program

BUS = 100  # a node talks with its cluster that many ports above its own
BETWEEN_NODES = 200  # replicas of a node whose clients use no TLS, but whose bus does
REPLICAS = 1  # of each master
PATIENCE = 60.0  # seconds in which the cluster must agree
CELERY = "redis-celery"

COMMON = """
protected-mode yes
daemonize no
appendonly yes
appendfsync everysec
tcp-keepalive 60
hz 5
"""
CACHE = """
cluster-enabled yes
cluster-config-file nodes.conf
cluster-node-timeout 2000
cluster-require-full-coverage no
cluster-allow-replica-migration no
maxmemory 256mb
maxmemory-policy volatile-lru
"""
BROKER = "maxmemory-policy noeviction\n"
# Applications show a password. Replicas and the cluster's bus, which knows none, show a certificate: any of the
# authority's opens the bus. On loopback, where every account reaches it, the bus speaks TLS in any case: clients need
# none there, and stay at a plain port.
ENCRYPTED = """port {plain}
tls-port {encrypted}
tls-cert-file {own}
tls-key-file {own}
tls-ca-cert-file {authority}
tls-auth-clients {certified}
tls-replication yes
tls-cluster {cluster}
"""
ADMIN, REPLICA = "riverline_admin", "riverline_replica"  # accounts beside that of the applications
ADMIN_FILE = "redis-admin"


def install(settings: Settings, say: Callable[[str], None]) -> None:
    """Nothing: the servers come as packages, and make their own data."""


def programs(settings: Settings) -> list[Program]:
    """The last node of the cluster waits for the others, and then makes the cluster of them all."""
    names = [f"redis-{number}" for number in range(1, len(settings.redis.nodes) + 1)]
    nodes = [_node(settings, name, address) for name, address in zip(names, settings.redis.nodes, strict=True)]
    last = replace(nodes[-1], after=tuple(names[:-1]), settle=lambda _: join(settings))
    celery = _program(settings, CELERY, settings.celery.broker, BROKER, settings.celery)
    return [*nodes[:-1], last, celery]


def _node(settings: Settings, name: str, address: str) -> Program:
    bus = beside(address, BUS)
    announced = f"cluster-port {port_of(bus)}\ncluster-announce-ip {host_of(address)}\n"
    program = _program(settings, name, address, CACHE + announced, settings.redis)
    listens = (address, bus, beside(address, BETWEEN_NODES)) if _bus_alone(settings) else (address, bus)
    return replace(program, addresses=listens, healthy=lambda: agrees(settings, address))


def _bus_alone(settings: Settings) -> bool:
    """Whether nodes speak TLS with each other, and none with clients."""
    return not settings.redis.tls and is_on_loopback(*settings.redis.nodes)


def _program(settings: Settings, name: str, address: str, more: str, server: RedisSettings | CelerySettings) -> Program:
    folder = settings.home / "redis" / name.removeprefix("redis-")
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "redis.conf"
    ports, version = _listening(settings, folder, address, server)
    listens = f"bind {host_of(address)}\ndir {folder}\n{ports}"
    write_private(configuration, listens + COMMON + more + accounts(settings, server))
    return Program(
        name=name,
        command=["redis-server", str(configuration)],
        directory=folder,
        account=REDIS,
        own=(folder,),
        ready=lambda: answers(settings, address),
        addresses=(address,),
        stop_seconds=30,
        version=version,
    )


def _listening(
    settings: Settings, folder: Path, address: str, server: RedisSettings | CelerySettings
) -> tuple[str, str]:
    """The ports in the words of redis.conf, and the version of the certificate shown there."""
    clustered, port, shown = isinstance(server, RedisSettings), port_of(address), None
    words: dict[str, int | str] = {"plain": 0, "encrypted": port, "certified": "no"}
    if server.tls:
        shown = shown_by(settings, folder, address)
    elif clustered and _bus_alone(settings):
        shown = files_in(settings, folder)
        words = {"plain": port, "encrypted": port + BETWEEN_NODES, "certified": "yes"}
    if shown is None:
        return f"port {port}\n", ""
    cluster = "yes" if clustered else "no"
    return ENCRYPTED.format(own=shown.own, authority=shown.authority, cluster=cluster, **words), shown.version


def accounts(settings: Settings, server: RedisSettings | CelerySettings) -> str:
    """Who may do what, in the words of redis.conf. Passwords are kept as digests, but for that of a replica, which has
    to show it."""
    password = password_of(server, *(server.nodes if isinstance(server, RedisSettings) else (server.broker,)))
    if not password:
        return ""
    replica = credential(settings, "redis-replica")
    rights = {
        (server.user, password): "~* &* +@all -@admin",
        (ADMIN, credential(settings, ADMIN_FILE)): "~* &* +@all",
        (REPLICA, replica): "+psync +replconf +ping",
    }
    users = [f"user {user} on #{digest_of(password)} {granted}\n" for (user, password), granted in rights.items()]
    # Nobody can be the default account, but a server that reads its log of changes acts as it: without rights it would
    # leave out every transaction, and what each script wrote.
    return "user default off ~* &* +@all\n" + "".join(users) + f"masteruser {REPLICA}\nmasterauth {replica}\n"


def administrator(settings: Settings) -> RedisServer:
    """The account that may do everything, on each of the servers."""
    made = RedisServer(user=ADMIN, password_file=settings.home / SECRETS / ADMIN_FILE, tls=settings.redis.tls)
    return made.trusting(settings.redis.ca_file)


def administering(settings: Settings, address: str) -> redis.Redis:
    """A client of that account."""
    server: RedisServer = settings.celery if address == settings.celery.broker else settings.redis
    user, password = (ADMIN, administrator(settings).password) if server.password else (None, None)
    who: dict[str, Any] = {"username": user, "password": password, **encryption(server)}
    return redis.Redis(host_of(address), port_of(address), socket_timeout=5, decode_responses=True, **who)


def answers(settings: Settings, address: str) -> None:
    """Ready when it has loaded its data. Raises Transient."""
    _ask(settings, address, "PING")


def agrees(settings: Settings, address: str) -> None:
    """Healthy when the node sees the cluster whole. Raises Transient."""
    info = _ask(settings, address, "CLUSTER INFO")
    if info["cluster_state"] != "ok":
        raise Transient(f"the cluster is {info['cluster_state']} as {address} sees it")
    if info["cluster_slots_ok"] != info["cluster_slots_assigned"] or info["cluster_slots_assigned"] != "16384":
        raise Transient(f"{address} sees {info['cluster_slots_ok']} of 16384 slots served")


def join(settings: Settings) -> None:
    """Makes a cluster of the nodes, unless they are one; waits until they agree that it is whole. Raises Fatal."""
    nodes = settings.redis.nodes
    if all(_ask(settings, address, "CLUSTER INFO")["cluster_known_nodes"] == "1" for address in nodes):
        _create(settings)
    try:
        for address in nodes:
            retried(partial(agrees, settings, address), pause=0.1, seconds=PATIENCE)
    except Transient as error:
        raise Fatal(f"{error}. `redis-cli --cluster check {nodes[0]}` says more") from error


def _create(settings: Settings) -> None:
    made = ["create", *settings.redis.nodes, "--cluster-replicas", str(REPLICAS), "--cluster-yes"]
    who = ["--user", ADMIN] if settings.redis.password else []
    encrypted = ["--tls", "--cacert", str(settings.redis.ca_file)] if settings.redis.tls else []
    command = ["redis-cli", *who, *encrypted, "--cluster", *made]
    environment = {**os.environ, "REDISCLI_AUTH": administrator(settings).password} if who else None
    run = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=PATIENCE)
    if run.returncode != 0:
        raise Fatal(f"the Redis Cluster could not be created: {(run.stdout + run.stderr).strip()[-800:]}")


def _ask(settings: Settings, address: str, command: str) -> Any:
    try:
        with administering(settings, address) as server:
            return server.execute_command(command)
    except redis.RedisError as error:
        raise Transient(f"Redis on {address}: {error}") from error
