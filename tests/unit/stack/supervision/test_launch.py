"""A program starts in the supervisor's stead: it is taken over when it runs, and rid of what an earlier one left."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

from riverline_stack.supervision import launch as launch_module
from riverline_stack.supervision.accounts import STORM
from riverline_stack.supervision.processes import Recorded, end, marks, owned
from tests.support.stack import until

PROGRAM = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    (tmp_path / "run").mkdir()
    yield tmp_path
    end(owned(tmp_path), patience=2)


def launch(home: Path, **more: Any) -> subprocess.Popen[str]:
    spec = {
        "name": "program",
        "command": [sys.executable, "-c", PROGRAM],
        "directory": str(home),
        "environment": {},
        "stop_seconds": 5,
        "leaves_children": False,
        "version": "v1",
    }
    file = home / "run" / "program.json"
    file.write_text(json.dumps(spec | more))
    return subprocess.Popen(
        [sys.executable, "-m", "riverline_stack.supervision.launch", str(file)],
        env={**os.environ, **marks(home, "program")},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def first_line(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def test_the_program_takes_the_launchers_place_and_is_recorded(home: Path) -> None:
    launched = launch(home)
    assert first_line(launched) == str(launched.pid)
    recorded = Recorded.read(home, "program")
    assert recorded and (recorded.pid, recorded.version) == (launched.pid, "v1")


def test_its_environment_and_directory_are_as_specified(home: Path) -> None:
    show = "import os; print(os.getcwd(), os.environ['COLOUR'], flush=True)"
    launched = launch(home, command=[sys.executable, "-c", show], environment={"COLOUR": "blue"}, directory="/")
    assert first_line(launched) == "/ blue"


def test_a_program_that_runs_is_taken_over_and_a_stop_reaches_it(home: Path) -> None:
    running = launch(home)
    first_line(running)
    second = launch(home)
    assert second.stderr
    assert f"is already running as process {running.pid}" in second.stderr.readline()
    second.terminate()
    assert second.wait(10) == 0
    assert running.wait(10) == -15


def test_the_stand_in_of_a_program_ends_with_an_error_when_the_program_dies(home: Path) -> None:
    running = launch(home)
    first_line(running)
    second = launch(home)
    assert second.stderr
    second.stderr.readline()
    running.kill()
    running.wait()
    assert second.wait(10) == 1


def children_left_behind(home: Path, **more: Any) -> psutil.Process:
    forks = (
        f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {PROGRAM!r}]); import time; time.sleep(60)"
    )
    running = launch(home, command=[sys.executable, "-c", forks], **more)
    child = psutil.Process(int(first_line(running)))
    running.kill()
    running.wait()
    return child


def test_children_that_a_dead_program_left_are_ended_before_it_starts_again(home: Path) -> None:
    child = children_left_behind(home)
    first_line(launch(home))
    assert until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, 5)


def test_children_that_outlive_their_program_by_design_are_left_alone(home: Path) -> None:
    child = children_left_behind(home, leaves_children=True)
    first_line(launch(home, leaves_children=True))
    assert child.is_running() and child.status() != psutil.STATUS_ZOMBIE


as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")
SAYS_WHO = "import os, pwd; print(pwd.getpwuid(os.geteuid()).pw_name, os.environ['HOME'], flush=True)"


def as_its_account(home: Path, reads: list[str]) -> dict[str, Any]:
    return {"account": STORM, "own": [str(home / "own")], "reads": reads, "directory": "/"}


@as_root
def test_it_runs_as_its_account(home: Path) -> None:
    reads = [sys.prefix, sys.base_prefix]
    launched = launch(home, command=[sys.executable, "-c", SAYS_WHO], **as_its_account(home, reads))
    assert launched.stdout and launched.stderr
    told = launched.stdout.read().strip(), launched.stderr.read()
    assert told == (f"{STORM} /nonexistent", "") or "runs as root" in told[1]  # as where nobody may mount


@as_root
def test_where_it_cannot_it_says_so_and_runs_as_root(home: Path) -> None:
    (home / "closed").mkdir(mode=0o700)
    launched = launch(home, command=[sys.executable, "-c", SAYS_WHO], **as_its_account(home, [str(home / "closed")]))
    assert launched.stderr
    assert launched.stderr.readline() == f"program runs as root: {home}/closed cannot be read by the account {STORM}\n"
    assert first_line(launched).startswith("root ")


@as_root
def test_children_that_an_earlier_version_left_to_root_are_ended(home: Path) -> None:
    child = children_left_behind(home, leaves_children=True)
    launched = launch(home, leaves_children=True, command=["sleep", "60"], **as_its_account(home, []))
    assert until(lambda: not child.is_running() or child.status() == psutil.STATUS_ZOMBIE, 10)
    assert launched.poll() is None


def test_what_starts_each_program_imports_little() -> None:
    """A start of the stack, or of a program again each second, pays for it each time."""
    code = f"import sys, {launch_module.__name__}; print(*sorted({{'pydantic', 'kafka', 'typer'}} & {{*sys.modules}}))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.split() == []


def test_what_keeps_ending_is_started_later(home: Path) -> None:
    for _ in range(2):
        assert launch(home, command=["true"]).wait(30) == 0
    began = time.monotonic()
    third = launch(home, command=["true"])
    assert third.communicate(timeout=30)[1].splitlines() == [
        "program ended soon after each of its last 2 starts: the next one is in 1 s"
    ]
    assert time.monotonic() - began >= 1


def test_it_can_be_stopped_before_it_starts_later(home: Path) -> None:
    for _ in range(3):
        launch(home, command=["true"]).wait(30)
    waiting = launch(home, command=["true"])
    assert waiting.stderr and "starts: the next one is in 2 s" in waiting.stderr.readline()
    waiting.terminate()
    assert waiting.wait(30) == -signal.SIGTERM
