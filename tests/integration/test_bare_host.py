"""The first start on a minimal machine, whose own name resolves nowhere."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from riverline.settings import Settings
from tests.support import bare_host
from tests.support.stack import Told

OFFSET = 26_000
STARTED = "all of them are ready"

pytestmark = pytest.mark.skipif(not bare_host.possible(), reason="only root may make a machine of its own here")


@pytest.mark.parametrize("hosts", [bare_host.ONLY_LOCALHOST, bare_host.NOTHING])
def test_what_asks_for_the_machines_name_starts_without_one(tmp_path: Path, hosts: str) -> None:
    """MariaDB's folders and Nimbus were not made and did not start: both want the address of the machine's name."""
    from riverline_stack.servers import storm_cluster

    settings = Settings().shifted(OFFSET).placed(tmp_path / "home")
    storm_cluster.install(settings, Told().say)  # from a registry, which a machine without names does not reach
    environment = {**os.environ, **settings.environment()}
    command = [sys.executable, "-m", "tests.integration.test_bare_host"]
    run = bare_host.bare(command, hosts, tmp_path, environment, 300)
    assert run.stdout.endswith(f"{STARTED}\n"), run.stdout + run.stderr


def start_and_stop() -> None:
    """On the minimal machine: makes MariaDB's folders, starts it and Storm, waits until all is ready, and stops it."""
    import socket

    from riverline_stack.servers import mysql, storm_cluster
    from riverline_stack.supervision import lifecycle

    settings = Settings.load()
    with pytest.raises(OSError):
        socket.getaddrinfo(socket.gethostname(), None)
    mysql.install(settings, print)
    programs = [*mysql.programs(settings), *storm_cluster.programs(settings)]
    try:
        lifecycle.begin(settings, programs, os.getpid())
        lifecycle.start(settings, programs, Told())
    finally:
        lifecycle.down(settings, programs, Told())
    print(STARTED)


if __name__ == "__main__":
    start_and_stop()
