"""The process supervisor of the local stack: what runs, what was started again."""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from monitor.sampler import Reading
from riverline.errors import Transient
from riverline.monitoring.sample import series

USER, PASSWORD_FILE = "riverline", "supervisord"  # as stack/supervise.py makes them
GOING = ("RUNNING", "STARTING")
SECONDS = 3.0

Infos = Sequence[Mapping[str, Any]]


class ProgramsSource:
    """Counts starts by their times. Programs that were stopped on purpose are left out."""

    def __init__(self, ask: Callable[[], Infos]) -> None:
        self._ask = ask
        self._started: dict[str, int] = {}
        self._restarts: dict[str, int] = {}

    def read(self) -> Reading:
        values: dict[str, float] = {}
        for info in self._ask():
            name, state = info["name"], info["statename"]
            if state == "STOPPED":
                continue
            self._count(name, info["start"])
            values[series("running", name)] = 1.0 if state in GOING else 0.0
            values[series("restarts", name)] = float(self._restarts[name])
        return Reading(values)

    def _count(self, name: str, started: int) -> None:
        before = self._started.get(name, started)
        self._restarts[name] = self._restarts.get(name, 0) + (started != before)
        self._started[name] = started


def supervisor(address: str, home: Path) -> Callable[[], Infos]:
    """Asks the supervisor of a home; its password lies there. The call raises Transient when it is away."""

    def ask() -> Infos:
        password = (home / "secrets" / PASSWORD_FILE).read_text().strip()
        url = f"http://{USER}:{password}@{address}/RPC2"
        try:
            with xmlrpc.client.ServerProxy(url, transport=_Transport()) as server:
                found: Any = server.supervisor.getAllProcessInfo()
        except (OSError, xmlrpc.client.Error) as error:
            # Not the error's own text: it may hold the address with the password.
            raise Transient(f"the process supervisor does not answer on {address}: {type(error).__name__}") from None
        return list(found)

    return ask


class _Transport(xmlrpc.client.Transport):
    def make_connection(self, host: Any) -> Any:
        connection = super().make_connection(host)
        connection.timeout = SECONDS
        return connection
