"""The stack stands up, and mends itself."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import httpx
import psutil
import pytest

from riverline.errors import Fatal
from riverline.settings import Settings
from riverline_stack.servers import servers
from riverline_stack.supervision import lifecycle, processes
from riverline_stack.supervision.processes import Recorded
from riverline_stack.up import up
from tests.support.stack import Told, until

BACK = 60.0  # seconds in which what was killed is back
ALL_BACK = 120.0  # and in which all that were killed at once are


def riverline(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "riverline_commands.main", *arguments]
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


def test_the_guide_is_served(stack: Settings) -> None:
    site = f"http://{stack.api.site}/guide/"
    with httpx.Client(trust_env=False) as client:
        pages = [client.get(site + path) for path in ("", "how-to/recover/", "search/search_index.json")]
        assert [page.status_code for page in pages] == [200, 200, 200]
        absent = client.get(f"{site}absent/", headers={"accept": "application/json"})
    assert "MySQL's primary is lost" in pages[1].text
    assert (absent.status_code, absent.json()["title"]) == (404, "Not Found")


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


KILLED = (
    "mysql-primary",
    "mysql-replica",
    "redis-1",
    "redis-celery",
    "kafka-1",
    "nginx",
    "celery",
    "storm-nimbus",
    "api",
)


@pytest.fixture(scope="module")
def killed(stack: Settings) -> dict[str, psutil.Process]:
    """Programs that were killed all at once, by name."""
    found = {name: process for name in KILLED if (process := process_of(stack, name))}
    for process in found.values():
        process.kill()
    return found


@pytest.mark.parametrize("name", KILLED)
def test_a_killed_program_is_back(stack: Settings, killed: dict[str, psutil.Process], name: str) -> None:
    assert until(lambda: process_of(stack, name) not in (None, killed[name]) and healthy(stack), ALL_BACK)


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
    with pytest.raises(Fatal, match="stop it first"):
        lifecycle.forget(stack)
