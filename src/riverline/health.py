"""Is every server there? One cheap question to each, all at once, each with its own reason when the answer is no."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from typing import Any

from riverline.errors import RiverlineError, Transient
from riverline.search.mappings import DOCUMENTS
from riverline.settings import Settings
from riverline.stores.nimbus import nimbus_client

DEADLINE = 2.0  # seconds that a server has
KEPT = 1.0  # seconds for which an answer is given again: probes of many cost no more than one's
LONGEST_REASON = 300
OK = "ok"

Check = Callable[[], None]  # raises, with the reason, when the server cannot do its work


class Examination:
    """Asks every check at once. Thread-safe; its threads start with the first question."""

    def __init__(self, checks: Mapping[str, Check], deadline: float = DEADLINE, kept: float = KEPT) -> None:
        self._checks, self._deadline, self._kept = checks, deadline, kept
        self._lock = threading.Lock()
        self._pool: ThreadPoolExecutor | None = None
        self._asked: dict[str, Future[str]] = {}
        self._found: dict[str, str] = {}
        self._found_at = -kept

    def result(self) -> dict[str, str]:
        """For each server `ok`, or the reason why not; after `deadline` seconds at the latest."""
        with self._lock:
            if time.monotonic() - self._found_at >= self._kept:
                self._found = self._examined()
                self._found_at = time.monotonic()
            return dict(self._found)

    def _examined(self) -> dict[str, str]:
        pool = self._pool = self._pool or ThreadPoolExecutor(max(1, len(self._checks)), "health")
        for name, check in self._checks.items():
            # A question that still hangs is not asked again: threads stay as many as there are servers.
            if name not in self._asked or self._asked[name].done():
                self._asked[name] = pool.submit(_state, check)
        wait(self._asked.values(), self._deadline)
        late = f"no answer within {self._deadline:g} s"
        return {name: asked.result() if asked.done() else late for name, asked in self._asked.items()}


def _state(check: Check) -> str:
    try:
        check()
    except RiverlineError as error:
        return str(error)[:LONGEST_REASON]
    except Exception as error:  # any client's own error is a reason too
        return _reason(error)
    return OK


def _reason(error: Exception) -> str:
    """One line; some clients repeat their class in it."""
    kind, text = type(error).__name__, " ".join(str(error).split())
    return (text if text.startswith(kind) else f"{kind}: {text}")[:LONGEST_REASON]


def checks_of(settings: Settings) -> dict[str, Check]:
    """The checks of all servers, by their names. Nothing is connected before a check is called."""
    replicas = {
        "mysql-replica" if n == 1 else f"mysql-replica-{n}": partial(_mysql, settings, address)
        for n, address in enumerate(settings.mysql.replicas, 1)
    }
    return {
        "kafka": _Kafka(settings),
        "elasticsearch": _Elasticsearch(settings),
        "mysql-primary": partial(_mysql, settings, settings.mysql.primary),
        **replicas,
        "redis-cluster": partial(_redis_cluster, settings),
        "redis-celery": partial(_redis, settings.celery.broker),
        "celery": partial(_celery, settings),
        "nimbus": partial(_nimbus, settings),
        "topology": partial(_topology, settings),
    }


class _Kafka:
    """Every broker that the settings name must be registered. One client is kept; it is made anew after an error."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._admin: Any = None

    def __call__(self) -> None:
        from kafka import KafkaAdminClient

        addresses = list(self._settings.kafka.bootstrap)
        limits = {"bootstrap_timeout_ms": 1800, "request_timeout_ms": 1800, "client_id": "riverline-health"}
        try:
            self._admin = self._admin or KafkaAdminClient(bootstrap_servers=addresses, **limits)
            there = len(self._admin.describe_cluster()["brokers"])
        except Exception:
            admin, self._admin = self._admin, None
            if admin is not None:
                admin.close()
            raise
        if there < len(addresses):
            raise Transient(f"{there} of {len(addresses)} brokers are registered")


class _Elasticsearch:
    """The cluster must not be red, and the schema must stand."""

    def __init__(self, settings: Settings) -> None:
        from riverline.stores.elastic.connection import Connection

        self._connection = Connection(settings.elasticsearch)

    def __call__(self) -> None:
        health = self._connection.call("GET", "/_cluster/health", params={"filter_path": "status"}, timeout=DEADLINE)
        if health["status"] == "red":
            raise Transient("the cluster is red: a primary shard is missing")
        self._connection.call("GET", f"/_alias/{DOCUMENTS}", timeout=DEADLINE)


def _mysql(settings: Settings, address: str) -> None:
    import pymysql

    host, port = address.rsplit(":", 1)
    connection = pymysql.connect(
        host=host,
        port=int(port),
        user=settings.mysql.user,
        password=settings.mysql_password,
        database=settings.mysql.database,
        connect_timeout=DEADLINE,
        read_timeout=DEADLINE,
        write_timeout=DEADLINE,
    )
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


def _connected(address: str) -> Any:
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    host, port = address.rsplit(":", 1)
    return Redis(
        host,
        int(port),
        decode_responses=True,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=DEADLINE,
        socket_connect_timeout=DEADLINE,
    )


def _redis(address: str) -> None:
    with _connected(address) as client:
        client.ping()


def _redis_cluster(settings: Settings) -> None:
    """One node that answers tells of all."""
    from redis.exceptions import ConnectionError, TimeoutError

    for address in settings.redis.nodes:
        try:
            with _connected(address) as client:
                state, nodes = client.cluster("info")["cluster_state"], client.cluster("nodes")
                break
        except (ConnectionError, TimeoutError):
            continue
    else:
        raise Transient(f"none of {len(settings.redis.nodes)} nodes answers")
    if away := sorted(name for name, node in nodes.items() if "fail" in node["flags"]):
        raise Transient(f"away: {', '.join(away)}")
    if state != OK:
        raise Transient(f"the cluster's state is {state}")


def _celery(settings: Settings) -> None:
    """At least one worker must answer."""
    from celery import Celery

    app = Celery(broker=f"redis://{settings.celery.broker}")
    options = {"socket_connect_timeout": 1, "socket_timeout": DEADLINE}
    with app.connection(transport_options=options, connect_timeout=1) as connection:
        if not app.control.ping(timeout=DEADLINE - 0.5, limit=1, connection=connection):
            raise Transient("no worker answers")


def _nimbus(settings: Settings) -> None:
    with nimbus_client(settings.storm.nimbus, DEADLINE) as client:
        client.getLeader()


def _topology(settings: Settings) -> None:
    """It must be active, and one of its workers at least must have reported."""
    with nimbus_client(settings.storm.nimbus, DEADLINE) as client:
        running = {one.name: one for one in client.getClusterInfo().topologies}
        one = running.get(settings.storm.topology)
        if one is None:
            raise Transient(f"the topology {settings.storm.topology} is not submitted")
        if one.status != "ACTIVE":
            raise Transient(f"the topology is {one.status.lower()}")
        workers = client.getTopologyPageInfo(one.id, ":all-time", False).workers or []
    if not any((worker.uptime_secs or 0) > 0 for worker in workers):
        raise Transient("no worker of the topology is running")
