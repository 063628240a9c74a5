"""What the supervisor must not believe of workers that have died."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from riverline.settings import Settings
from riverline_stack.servers import storm_cluster
from riverline_stack.servers.dead_workers import ID, TEMPORARY, end_strays, forget
from riverline_stack.servers.storm_conf import workers


def known(folder: Path, worker: str) -> Path:
    """A worker's folder, with a heartbeat and a process id."""
    (folder / worker / "heartbeats").mkdir(parents=True)
    (folder / worker / "heartbeats" / "1796026866049").write_text("alive")
    (folder / worker / "pids").mkdir()
    return folder / worker


@pytest.fixture
def started() -> Iterator[Callable[[Path, str], subprocess.Popen[bytes]]]:
    """Starts a process that looks like a worker of a folder."""
    processes = []

    def start(folder: Path, worker: str) -> subprocess.Popen[bytes]:
        line = [sys.executable, "-c", "input()", ID + worker, f"{TEMPORARY}{folder / worker / 'tmp'}"]
        processes.append(subprocess.Popen(line, stdin=subprocess.PIPE))
        return processes[-1]

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def test_a_dead_worker_has_no_heartbeat_and_a_living_one_keeps_its_own(tmp_path, started):
    lives, died = known(tmp_path, "lives"), known(tmp_path, "died")
    started(tmp_path, "lives")
    assert forget(tmp_path) == ["died"]
    assert list(lives.glob("heartbeats/*")) and not (died / "heartbeats").exists() and (died / "pids").exists()


def test_a_worker_that_never_wrote_its_process_id_is_ended_and_no_other(tmp_path, started):
    ours, others = tmp_path / "ours", tmp_path / "others"
    (known(ours, "known") / "pids" / "17").touch()
    known(ours, "launched")
    stays, launched, forgotten = started(ours, "known"), started(ours, "launched"), started(ours, "without-a-folder")
    elsewhere = started(others, "another-stack")
    assert end_strays(ours) == ["launched", "without-a-folder"]
    assert not any(psutil.pid_exists(one.pid) for one in (launched, forgotten))
    assert stays.poll() is None and elsewhere.poll() is None


def test_a_supervisor_that_never_had_a_worker_starts(tmp_path):
    assert forget(tmp_path / "workers") == []


def test_the_supervisor_is_started_in_this_way_and_stays_one_process(tmp_path):
    settings = Settings(home=tmp_path)
    died = known(workers(settings), "died")
    (command,) = [one.command for one in storm_cluster.programs(settings) if one.name == storm_cluster.SUPERVISOR]
    before = command[: command.index("java")]
    told = [*before, sys.executable, "-c", "import os; print(os.getpid())"]
    with subprocess.Popen(told, stdout=subprocess.PIPE, text=True) as started:
        assert started.communicate()[0].strip() == str(started.pid)
    assert not (died / "heartbeats").exists()
