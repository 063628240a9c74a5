"""Servers that nobody can use: stopped, silent, or without room, each as a context. All outages are made of these.

Programs that gave up meanwhile are started again when it ends, as the supervisor's user would.
"""

from __future__ import annotations

import contextlib
import signal
from collections.abc import Iterator, Sequence

import psutil

from riverline.errors import Transient
from riverline.settings import Settings
from riverline_stack.servers import redis_servers
from riverline_stack.supervision import processes
from riverline_stack.supervision.supervise import Supervisor


def start(settings: Settings, *names: str) -> None:
    """Starts programs that do not run."""
    for name in names:
        with contextlib.suppress(Transient):
            Supervisor(settings).start(name)


@contextlib.contextmanager
def stopped(settings: Settings, names: Sequence[str]) -> Iterator[None]:
    """Killed: nothing listens where they were."""
    supervisor = Supervisor(settings)
    for name in names:
        supervisor.kill(name)
    try:
        yield
    finally:
        start(settings, *names)


@contextlib.contextmanager
def silent(settings: Settings, names: Sequence[str]) -> Iterator[None]:
    """SIGSTOP: alive by all appearances, connections are taken, and nothing is answered."""
    frozen: list[psutil.Process] = []
    try:
        for name in names:
            for process in processes.owned(settings.home, name):
                process.send_signal(signal.SIGSTOP)
                frozen.append(process)
        yield
    finally:
        for process in frozen:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGCONT)
        start(settings, *names)


@contextlib.contextmanager
def full_memory(settings: Settings, addresses: Sequence[str]) -> Iterator[None]:
    """Redis servers that hold as much as they may, and drop nothing to take more."""
    kept = [
        _configured(settings, address, {"maxmemory-policy": "noeviction", "maxmemory": "1"}) for address in addresses
    ]
    try:
        yield
    finally:
        for address, before in zip(addresses, kept, strict=True):
            # The limit first: with the policy alone it would drop all that it may.
            _configured(settings, address, {name: before[name] for name in ("maxmemory", "maxmemory-policy")})


def _configured(settings: Settings, address: str, wanted: dict[str, str]) -> dict[str, str]:
    """Sets it, in that order; what stood there before."""
    with redis_servers.administering(settings, address) as server:
        before: dict[str, str] = server.config_get(*wanted)
        for name, value in wanted.items():
            server.config_set(name, value)
    return before
