from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from riverline.settings import Settings
from riverline_stack.servers.storm_cluster import worker_pids
from riverline_stack.servers.storm_conf import artifacts

PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'import time; time.sleep(60)'])"


@pytest.fixture
def worker(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that looks like a worker of the stack at `tmp_path`, with one child."""
    mark = f"-Dworkers.artifacts={artifacts(Settings(home=tmp_path))}"
    process = subprocess.Popen([sys.executable, "-c", PARENT, mark], start_new_session=True)
    yield process
    for pid in worker_pids(Settings(home=tmp_path)):
        subprocess.run(["kill", "-9", str(pid)])
    process.wait()


def test_workers_are_found_with_the_processes_they_started(worker: subprocess.Popen[bytes], tmp_path: Path) -> None:
    deadline = time.monotonic() + 10
    while len(found := worker_pids(Settings(home=tmp_path))) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    assert worker.pid in found
    assert len(found) == 2


def test_workers_of_another_stack_are_left_alone(worker: subprocess.Popen[bytes], tmp_path: Path) -> None:
    assert worker_pids(Settings(home=tmp_path / "other")) == []
