"""A stack knows its own processes, and no others."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from riverline_stack.supervision.processes import Recorded, end, marks, owned, process_file

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    return tmp_path


@pytest.fixture
def sleeper(home: Path) -> Iterator[psutil.Popen]:
    process = psutil.Popen(SLEEP, env={**os.environ, **marks(home, "sleeper")}, stdout=subprocess.PIPE)
    process.stdout.readline()
    yield process
    process.kill()
    process.wait()


def test_a_marked_process_is_the_stacks(home: Path, sleeper: psutil.Popen) -> None:
    assert [process.pid for process in owned(home)] == [sleeper.pid]
    assert [process.pid for process in owned(home, "sleeper")] == [sleeper.pid]


def test_a_process_of_another_stack_or_program_is_not(home: Path, sleeper: psutil.Popen) -> None:
    assert owned(home / "other") == []
    assert owned(home, "another") == []


def test_a_process_without_marks_is_known_by_its_recorded_group(home: Path) -> None:
    with subprocess.Popen(SLEEP, stdout=subprocess.PIPE, start_new_session=True) as process:
        assert process.stdout
        process.stdout.readline()
        Recorded(process.pid, psutil.Process(process.pid).create_time()).write(home, "redis")
        assert [found.pid for found in owned(home, "redis")] == [process.pid]
        process.kill()


def test_a_recorded_process_that_ended_is_not_mistaken_for_one_with_its_number(
    home: Path, sleeper: psutil.Popen
) -> None:
    Recorded(sleeper.pid, sleeper.create_time() - 3600).write(home, "sleeper")
    recorded = Recorded.read(home, "sleeper")
    assert recorded and recorded.process() is None


def test_a_record_comes_back_as_it_was_written(home: Path) -> None:
    Recorded(7, 1700000000.25, "v1").write(home, "program")
    assert Recorded.read(home, "program") == Recorded(7, 1700000000.25, "v1")


@pytest.mark.parametrize("text", ["", "7", "seven 1.0 v1", "7 1.0 v1 more"])
def test_a_broken_record_is_none(home: Path, text: str) -> None:
    process_file(home, "program").write_text(text)
    assert Recorded.read(home, "program") is None


def test_a_process_that_does_not_listen_is_killed_in_the_end(home: Path) -> None:
    deaf = [sys.executable, "-c", "import signal; signal.signal(15, 1); print('up', flush=True); signal.pause()"]
    process = psutil.Popen(deaf, stdout=subprocess.PIPE)
    process.stdout.readline()
    end([process], patience=0.3)
    assert not process.is_running()
