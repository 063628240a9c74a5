"""A stack of a few servers, on ports of its own, goes down without a trace, whatever has happened to it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator

import psutil
import pytest

from riverline.errors import Fatal, Transient
from riverline.settings import Settings
from riverline_stack.servers import mysql, redis_servers
from riverline_stack.servers.addresses import port_of
from riverline_stack.supervision import lifecycle, processes
from riverline_stack.supervision.processes import Recorded
from riverline_stack.supervision.program import Program
from riverline_stack.up import up
from tests.support.few_servers import settings_of, start, stop
from tests.support.stack import Told, until

ENDED = 60.0  # seconds in which a stack is down whose lease has ended


@pytest.fixture
def small(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Settings of another stack, of a few servers, on ports of its own; it is down again after the test."""
    settings = settings_of(tmp_path_factory.mktemp("home"), 15_000)
    yield settings
    stop(settings, small_programs)


def small_programs(settings: Settings) -> list[Program]:
    return [*mysql.programs(settings), *redis_servers.programs(settings)]


def start_small(settings: Settings) -> list[Program]:
    mysql.install(settings, Told().say)
    return start(settings, small_programs(settings))


def rows(small: Settings, address: str, table: str) -> list[dict[str, int]]:
    """What a server has in it; nothing before the table came to a replica, which may be well and behind."""
    try:
        with mysql.replication.administering(small, address) as cursor:
            cursor.execute(f"SELECT number FROM {small.mysql.database}.{table}")
            return list(cursor.fetchall())
    except Transient:
        return []


def test_down_leaves_no_process_and_no_port(small: Settings) -> None:
    programs = start_small(small)
    pids = [process.pid for process in processes.owned(small.home)]
    lifecycle.down(small, programs, Told())
    assert [pid for pid in pids if psutil.pid_exists(pid)] == []
    ports = {port_of(address) for program in programs for address in program.addresses}
    assert {entry.laddr.port for entry in psutil.net_connections("tcp") if entry.status == "LISTEN"} & ports == set()


def test_data_survive_down_and_up(small: Settings) -> None:
    programs = start_small(small)
    with mysql.replication.administering(small, small.mysql.primary) as cursor:
        cursor.execute(f"CREATE TABLE {small.mysql.database}.kept AS SELECT 7 AS number")
    lifecycle.down(small, programs, Told())
    start_small(small)
    assert until(lambda: rows(small, small.mysql.replicas[0], "kept") == [{"number": 7}], 30)


def test_down_cleans_up_after_a_supervisor_and_a_watch_that_were_killed(small: Settings) -> None:
    programs = start_small(small)
    recorded = Recorded.read(small.home, "supervisord")
    supervisor = recorded.process() if recorded else None
    assert supervisor
    revivers = [*processes.owned(small.home, "watch"), supervisor]
    for process in revivers:
        process.send_signal(signal.SIGSTOP)  # so that neither revives the other
    for process in revivers:
        process.kill()
    lifecycle.down(small, programs, Told())
    assert processes.owned(small.home) == []


def test_a_replica_that_broke_is_filled_anew(small: Settings) -> None:
    programs = start_small(small)
    primary, replica, database = small.mysql.primary, small.mysql.replicas[0], small.mysql.database
    with mysql.replication.administering(small, primary) as cursor:
        cursor.execute(f"CREATE TABLE {database}.t (number INT PRIMARY KEY)")
    with mysql.replication.administering(small, replica) as cursor:
        cursor.execute("STOP SLAVE")
        cursor.execute("SET sql_log_bin = 0")
        cursor.execute(f"DROP TABLE IF EXISTS {database}.t")
        cursor.execute("START SLAVE")
    with mysql.replication.administering(small, primary) as cursor:
        cursor.execute(f"INSERT INTO {database}.t VALUES (1)")
    broken = next(program for program in programs if program.name == "mysql-replica")
    assert until(lambda: lifecycle.reason(broken.healthy) is not None, 10)
    start_small(small)
    assert until(lambda: rows(small, replica, "t") == [{"number": 1}], 30)


def test_a_taken_port_is_named_with_its_process_before_anything_starts(small: Settings) -> None:
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port_of(small.redis.nodes[0])))
        taken.listen()
        with pytest.raises(Fatal, match=f"{small.redis.nodes[0]} is held by process {os.getpid()}"):
            up(small, Told())
    assert processes.owned(small.home) == []


def test_the_stack_goes_down_when_its_lease_ends(small: Settings) -> None:
    lease = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    programs = small_programs(small)
    mysql.install(small, Told().say)
    lifecycle.begin(small, programs, lease.pid)
    lifecycle.start(small, programs, Told())
    lease.kill()
    lease.wait()
    assert until(lambda: processes.owned(small.home) == [], ENDED)
