"""Redis: a cluster of three masters and three replicas for caches; a plain server, which evicts nothing, for Celery."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import redis

from riverline.errors import Fatal, Transient
from riverline.settings import Settings
from stack.addresses import beside, host_of, port_of
from stack.program import Program
from stack.unprivileged import unprivileged

BUS = 100  # a node talks with its cluster that many ports above its own
REPLICAS = 1  # of each master
PATIENCE = 60.0  # seconds in which the cluster must agree
CELERY = "redis-celery"

COMMON = """
protected-mode yes
daemonize no
appendonly yes
appendfsync everysec
tcp-keepalive 60
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


def install(settings: Settings, say: Callable[[str], None]) -> None:
    """Nothing: the servers come as packages, and make their own data."""


def programs(settings: Settings) -> list[Program]:
    """The last node of the cluster waits for the others, and then makes the cluster of them all."""
    names = [f"redis-{number}" for number in range(1, len(settings.redis.nodes) + 1)]
    nodes = [_node(settings, name, address) for name, address in zip(names, settings.redis.nodes, strict=True)]
    last = replace(nodes[-1], after=tuple(names[:-1]), settle=lambda _: join(settings))
    return [*nodes[:-1], last, _program(settings, CELERY, settings.celery.broker, BROKER)]


def _node(settings: Settings, name: str, address: str) -> Program:
    bus = beside(address, BUS)
    announced = f"cluster-port {port_of(bus)}\ncluster-announce-ip {host_of(address)}\n"
    program = _program(settings, name, address, CACHE + announced)
    return replace(program, addresses=(address, bus), healthy=lambda: agrees(address))


def _program(settings: Settings, name: str, address: str, more: str) -> Program:
    folder = settings.home / "redis" / name.removeprefix("redis-")
    folder.mkdir(parents=True, exist_ok=True)
    configuration = folder / "redis.conf"
    listens = f"bind {host_of(address)}\nport {port_of(address)}\ndir {folder}\n"
    configuration.write_text(listens + COMMON + more)
    return Program(
        name=name,
        command=unprivileged(["redis-server", str(configuration)], [folder]),
        directory=folder,
        ready=lambda: answers(address),
        addresses=(address,),
        stop_seconds=30,
    )


def answers(address: str) -> None:
    """Ready when it has loaded its data. Raises Transient."""
    _ask(address, "PING")


def agrees(address: str) -> None:
    """Healthy when the node sees the cluster whole. Raises Transient."""
    info = _ask(address, "CLUSTER INFO")
    if info["cluster_state"] != "ok":
        raise Transient(f"the cluster is {info['cluster_state']} as {address} sees it")
    if info["cluster_slots_ok"] != info["cluster_slots_assigned"] or info["cluster_slots_assigned"] != "16384":
        raise Transient(f"{address} sees {info['cluster_slots_ok']} of 16384 slots served")


def join(settings: Settings) -> None:
    """Makes a cluster of the nodes, unless they are one; waits until they agree that it is whole. Raises Fatal."""
    nodes = settings.redis.nodes
    if all(_ask(address, "CLUSTER INFO")["cluster_known_nodes"] == "1" for address in nodes):
        _create(nodes)
    deadline = time.monotonic() + PATIENCE
    for address in nodes:
        while problem := _trouble(address):
            if time.monotonic() > deadline:
                raise Fatal(f"{problem}. `redis-cli --cluster check {nodes[0]}` says more")
            time.sleep(0.1)


def _trouble(address: str) -> str:
    try:
        agrees(address)
    except Transient as error:
        return str(error)
    return ""


def _create(nodes: tuple[str, ...]) -> None:
    command = ["redis-cli", "--cluster", "create", *nodes, "--cluster-replicas", str(REPLICAS), "--cluster-yes"]
    run = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)
    if run.returncode != 0:
        raise Fatal(f"the Redis Cluster could not be made: {(run.stdout + run.stderr).strip()[-800:]}")


def _ask(address: str, command: str) -> Any:
    try:
        with redis.Redis(host_of(address), port_of(address), socket_timeout=5, decode_responses=True) as server:
            return server.execute_command(command)
    except redis.RedisError as error:
        raise Transient(f"Redis on {address}: {error}") from error
