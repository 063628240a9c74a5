"""Is every server ready? One cheap check of each, all at once, with a reason for each failure."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from math import inf
from typing import Any

from riverline.adapters.circuit_breaker import Sighting
from riverline.adapters.elasticsearch.connection import ElasticsearchConnection
from riverline.adapters.storm.nimbus import nimbus_client
from riverline.errors import RiverlineError, Transient
from riverline.search.mappings import DOCUMENTS
from riverline.settings import RedisServer, Settings

DEADLINE = 2.0  # seconds that a server has
KEPT = 1.0  # seconds for which an answer is given again: probes of many cost no more than one's
RECENT = 5.0  # seconds for which what was found of a server may stand for it while it is asked again
DOUBTED = 0.25  # seconds that a server has which did not answer well the last time, or of which the state is recent
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
        self._asked_at: dict[str, float] = {}
        self._found: dict[str, str] = {}
        self._found_at = -inf
        self._late: set[str] = set()  # whose answer had not come when the last examination ended
        self._seen = {name: Sighting(f"health {name}") for name in checks}  # other processes have them too

    def result(self) -> dict[str, str]:
        """For each server `ok`, or the reason why not; after `deadline` seconds at the latest, and after DOUBTED where
        somebody has asked within the last RECENT seconds. Who asks while another one's questions are on their way gets
        what was found before."""
        if not self._lock.acquire(timeout=DOUBTED if self._found else self._deadline + DOUBTED):
            return dict(self._found)
        try:
            if time.monotonic() - self._found_at >= self._kept:
                self._found = self._examined()
                self._found_at = time.monotonic()
            return dict(self._found)
        finally:
            self._lock.release()

    def _examined(self) -> dict[str, str]:
        """Waits for the servers of which nothing is known lately; of the others what is known stands, while they have
        the deadline to answer. So whoever asks often, as probes do, is never kept waiting by a server that hangs."""
        began = time.monotonic()
        came = self._ask(began)
        known = {**self._found, **came} if began - self._found_at < RECENT else {}
        unknown = [name for name in self._checks if name not in known and not self._known_elsewhere(name, began)]
        wait([self._asked[name] for name in unknown], self._deadline)
        wait(self._asked.values(), DOUBTED)
        found = {name: self._state_of(name, known.get(name)) for name in self._checks}
        self._late = {name for name, asked in self._asked.items() if not asked.done()}
        for name in self._late.intersection(unknown):
            self._seen[name].away(time.monotonic())
        return found

    def _known_elsewhere(self, name: str, now: float) -> bool:
        """If another process found it well lately, or away, and so nobody has to wait for it here."""
        return self._seen[name].is_away or self._seen[name].well_since(now - RECENT)

    def _ask(self, now: float) -> dict[str, str]:
        """Asks every server that no question waits for; returns the answers that have come since the last time.

        A question that still hangs is not asked again: threads stay as many as there are servers.
        """
        pool = self._pool = self._pool or ThreadPoolExecutor(max(1, len(self._checks)), "health")
        came = {}
        for name, check in self._checks.items():
            before = self._asked.get(name)
            if before is not None and not before.done():
                continue
            if before is not None and name in self._late:
                came[name] = before.result()
            self._asked[name], self._asked_at[name] = pool.submit(self._looked, name, check), now
        return came

    def _looked(self, name: str, check: Check) -> str:
        state, now = _state(check), time.monotonic()
        self._seen[name].well(now) if state == OK else self._seen[name].away(now)
        return state

    def _state_of(self, name: str, known: str | None) -> str:
        asked, now = self._asked[name], time.monotonic()
        if asked.done():
            return asked.result()
        if known is None and self._seen[name].well_since(now - RECENT):
            known = OK
        if known and (known != OK or now - self._asked_at[name] < self._deadline):
            return known
        return f"no answer within {self._deadline:g} s"


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


def checks_of(settings: Settings, elasticsearch: ElasticsearchConnection) -> dict[str, Check]:
    """The checks of all servers, by their names. Nothing is connected before a check is called.

    Elasticsearch is asked over the connection that there is; of the others each server is asked by itself.
    """
    replicas = {
        "mysql-replica" if n == 1 else f"mysql-replica-{n}": partial(_mysql, settings, address)
        for n, address in enumerate(settings.mysql.replicas, 1)
    }
    return {
        "kafka": _Kafka(settings),
        "elasticsearch": partial(_elasticsearch, elasticsearch),
        "mysql-primary": partial(_mysql, settings, settings.mysql.primary),
        **replicas,
        "redis-cluster": partial(_redis_cluster, settings),
        "redis-celery": partial(_redis, settings),
        "celery": partial(_celery, settings),
        "nimbus": partial(_nimbus, settings),
        "topology": partial(_topology, settings),
    }


class _Kafka:
    """Every broker that the settings name must be registered. One client is kept, and replaced after an error."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._admin: Any = None

    def __call__(self) -> None:
        from kafka import KafkaAdminClient
        from kafka.errors import KafkaError

        from riverline.adapters.kafka.access import client_options, trouble

        wanted, options = len(self._settings.kafka.bootstrap), client_options(self._settings.kafka)
        limits = {"bootstrap_timeout_ms": 1800, "request_timeout_ms": 1800, "client_id": "riverline-health"}
        try:
            self._admin = self._admin or KafkaAdminClient(**options, **limits)
            there = len(self._admin.describe_cluster()["brokers"])
        except Exception as error:
            admin, self._admin = self._admin, None
            if admin is not None:
                admin.close()
            if isinstance(error, KafkaError):
                raise Transient(trouble(self._settings.kafka, error, DOUBTED / 2)) from error
            raise
        if there < wanted:
            raise Transient(f"{there} of {wanted} brokers are registered")


def _elasticsearch(connection: ElasticsearchConnection) -> None:
    """The cluster must not be red, and the schema must stand."""
    health = connection.call("GET", "/_cluster/health", params={"filter_path": "status"}, timeout=DEADLINE)
    if health["status"] == "red":
        raise Transient("the cluster is red: a primary shard is missing")
    connection.call("GET", f"/_alias/{DOCUMENTS}", timeout=DEADLINE)


def _mysql(settings: Settings, address: str) -> None:
    from riverline.adapters.mysql.server import connecting

    connect = connecting(settings, address, settings.mysql.user, settings.mysql_password, DEADLINE, DEADLINE)
    connection = connect()
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    finally:
        connection.close()


def _connected(address: str, server: RedisServer) -> Any:
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    from riverline.adapters.redis.connection import encryption

    host, port = address.rsplit(":", 1)
    return Redis(
        host,
        int(port),
        username=server.user if server.password else None,
        password=server.password or None,
        decode_responses=True,
        retry=Retry(NoBackoff(), 0),
        socket_timeout=DEADLINE,
        socket_connect_timeout=DEADLINE,
        **encryption(server),
    )


def _redis(settings: Settings) -> None:
    with _connected(settings.celery.broker, settings.celery) as client:
        client.ping()


def _redis_cluster(settings: Settings) -> None:
    """One node that answers tells of all."""
    from redis.exceptions import ConnectionError, TimeoutError

    for address in settings.redis.nodes:
        try:
            with _connected(address, settings.redis) as client:
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

    app = Celery(broker=settings.celery.url)
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
