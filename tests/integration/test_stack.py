"""The stack stands up, mends itself, and goes down without a trace."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import psutil
import pytest

from riverline.errors import Fatal
from riverline.settings import Settings
from stack import lifecycle, mysql, processes, redis_servers, servers
from stack.addresses import port_of
from stack.processes import Recorded
from stack.program import Program
from stack.up import up
from tests.support.stack import Told, until

BACK = 60.0  # seconds in which what was killed is back


def riverline(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "commands.main", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)


def healthy(settings: Settings) -> bool:
    try:
        return httpx.get(f"http://{settings.api.site}/health/ready", timeout=10, trust_env=False).status_code == 200
    except httpx.HTTPError:
        return False


def process_of(settings: Settings, name: str) -> psutil.Process | None:
    recorded = Recorded.read(settings.home, name)
    return recorded.process() if recorded else None


def test_every_program_is_ready(stack: Settings) -> None:
    assert until(lambda: healthy(stack), BACK)
    rows = lifecycle.status(stack, servers.programs(stack))
    assert {row.name: row.why for row in rows if not row.ready} == {}


def test_all_processes_together_stay_below_8_gib(stack: Settings) -> None:
    rows = lifecycle.status(stack, servers.programs(stack))
    assert 0 < sum(row.resident for row in rows) < 8 << 30


def test_every_port_is_on_loopback_only(stack: Settings) -> None:
    ours = {process.pid for process in processes.owned(stack.home)}
    listening = [entry for entry in psutil.net_connections("inet") if entry.pid in ours and entry.status == "LISTEN"]
    assert listening
    open_to_others = [
        entry.laddr for entry in listening if not entry.laddr.ip.removeprefix("::ffff:").startswith("127.")
    ]
    assert [address for address in open_to_others if address.ip != "::1"] == []


@pytest.mark.parametrize(
    "name",
    ["mysql-primary", "mysql-replica", "redis-1", "redis-celery", "kafka-1", "nginx", "celery", "storm-nimbus", "api"],
)
def test_a_killed_program_is_back(stack: Settings, name: str) -> None:
    killed = process_of(stack, name)
    assert killed
    killed.kill()
    assert until(lambda: process_of(stack, name) not in (None, killed) and healthy(stack), BACK)


def test_a_killed_supervisor_is_back_and_its_programs_never_stopped(stack: Settings) -> None:
    killed, program = process_of(stack, "supervisord"), process_of(stack, "mysql-primary")
    assert killed and program
    killed.kill()
    assert until(lambda: process_of(stack, "supervisord") not in (None, killed), BACK)
    assert until(lambda: all(row.ready for row in lifecycle.status(stack, servers.programs(stack))), BACK)
    assert process_of(stack, "mysql-primary") == program


def test_up_again_leaves_what_runs_alone(stack: Settings) -> None:
    before = {program.name: process_of(stack, program.name) for program in servers.programs(stack)}
    up(stack, Told(), lease=os.getpid())
    assert {name: process_of(stack, name) for name in before} == before


def test_status_speaks_json(stack: Settings, environment: dict[str, str]) -> None:
    assert until(lambda: healthy(stack), BACK)
    said = riverline(environment, "stack", "status", "--json")
    assert said.returncode == 0, said.stdout
    assert {"mysql-primary", "nginx"} <= {row["name"] for row in json.loads(said.stdout)["programs"]}


def test_logs_of_an_unknown_program_name_those_that_there_are(stack: Settings, environment: dict[str, str]) -> None:
    said = riverline(environment, "stack", "logs", "no-such-program")
    assert said.returncode == 1
    assert "mysql-primary" in said.stderr


def test_data_are_not_forgotten_while_the_stack_runs(stack: Settings) -> None:
    with pytest.raises(Fatal, match="bring it down first"):
        lifecycle.forget(stack)


@pytest.fixture
def small(tmp_path: Path) -> Iterator[Settings]:
    """Settings of another stack, of a few servers, on ports of its own; it is down again after the test."""
    settings = Settings().shifted(15_000).model_copy(update={"home": tmp_path / "home"})
    yield settings
    lifecycle.down(settings, small_programs(settings), Told())


def small_programs(settings: Settings) -> list[Program]:
    return [*mysql.programs(settings), *redis_servers.programs(settings)]


def start_small(settings: Settings) -> list[Program]:
    mysql.install(settings, Told().say)
    programs = small_programs(settings)
    lifecycle.begin(settings, programs, os.getpid())
    lifecycle.start(settings, programs, Told())
    return programs


def test_down_leaves_no_process_and_no_port(small: Settings) -> None:
    programs = start_small(small)
    pids = [process.pid for process in processes.owned(small.home)]
    lifecycle.down(small, programs, Told())
    assert [pid for pid in pids if psutil.pid_exists(pid)] == []
    ports = {port_of(address) for program in programs for address in program.addresses}
    ports.add(port_of(small.stack.supervisor))
    assert {entry.laddr.port for entry in psutil.net_connections("tcp") if entry.status == "LISTEN"} & ports == set()


def test_data_survive_down_and_up(small: Settings) -> None:
    programs = start_small(small)
    with mysql.replication.administering(small, small.mysql.primary) as cursor:
        cursor.execute(f"CREATE TABLE {small.mysql.database}.kept AS SELECT 7 AS number")
    lifecycle.down(small, programs, Told())
    start_small(small)
    with mysql.replication.administering(small, small.mysql.replicas[0]) as cursor:
        cursor.execute(f"SELECT number FROM {small.mysql.database}.kept")
        assert cursor.fetchall() == [{"number": 7}]


def test_down_cleans_up_after_a_supervisor_and_a_watch_that_were_killed(small: Settings) -> None:
    programs = start_small(small)
    watch = processes.owned(small.home, "watch")
    for process in [*watch, process_of(small, "supervisord")]:
        assert process
        process.send_signal(signal.SIGSTOP)  # so that neither revives the other
    for process in [*watch, process_of(small, "supervisord")]:
        assert process
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
    with mysql.replication.administering(small, replica) as cursor:
        cursor.execute(f"SELECT number FROM {database}.t")
        assert cursor.fetchall() == [{"number": 1}]


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
    assert until(lambda: processes.owned(small.home) == [], BACK)
