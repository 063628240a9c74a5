"""Rebalances the topology, and resizes Celery's pool."""

from __future__ import annotations

from typing import Any

from riverline.adapters.storm.nimbus import nimbus_client
from riverline.errors import Transient
from riverline.settings import Settings
from riverline_monitor.sampler import SourceReading

WAIT_SECONDS = 1  # in which the topology finishes what it holds; what it has not comes again from Kafka
NIMBUS_SECONDS = 15.0
LISTEN_SECONDS = 3.0  # for what workers say of themselves: a sample waits no longer
OBEY_SECONDS = 8.0  # in which a worker obeys


class StormCeleryActuators:
    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def rebalance(self, component: str, executors: int) -> None:
        """Raises Transient."""
        from streamparse.thrift import RebalanceOptions

        options = RebalanceOptions(wait_secs=WAIT_SECONDS, num_executors={component: executors})
        with nimbus_client(self._settings.storm.nimbus, NIMBUS_SECONDS) as nimbus:
            nimbus.rebalance(self._settings.storm.topology, options)

    def resize(self, change: int) -> None:
        """Raises Transient where no worker took it. One worker alone, where there are several."""
        app = _celery(self._settings)
        with _connection(app) as connection:
            names = sorted(_stats(app, connection, OBEY_SECONDS))
            if not names:
                raise Transient("no Celery worker answers")
            ask = app.control.pool_grow if change > 0 else app.control.pool_shrink
            ask(abs(change), destination=names[:1], reply=True, timeout=OBEY_SECONDS, connection=connection)


class PoolSource:
    """How many processes Celery's workers have."""

    def __init__(self, settings: Settings) -> None:
        self._app = _celery(settings)

    def read(self) -> SourceReading:
        with _connection(self._app) as connection:
            stats = _stats(self._app, connection, LISTEN_SECONDS)
        sizes = [len(one.get("pool", {}).get("processes", ())) for one in stats.values()]
        return SourceReading({"pool": float(sum(sizes))} if sizes else {})


def _celery(settings: Settings) -> Any:
    from celery import Celery

    return Celery(broker=settings.celery.url)


def _connection(app: Any) -> Any:
    options = {"socket_connect_timeout": 1, "socket_timeout": 3}
    return app.connection(transport_options=options, connect_timeout=1)


def _stats(app: Any, connection: Any, seconds: float) -> dict[str, Any]:
    return app.control.inspect(timeout=seconds, connection=connection).stats() or {}
