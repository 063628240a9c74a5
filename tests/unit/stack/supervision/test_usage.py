"""Processor time of the last minute, by program."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from riverline_stack.supervision.processes import marks
from riverline_stack.supervision.usage import UsageReading, UsageRecorder, last_minute, read, shares
from tests.support.stack import until

BUSY = "import sys, time\nwhile time.process_time() < 0.35: pass\nsys.stdin.read()"
WITH_CHILD = f"""import subprocess, sys
subprocess.run([sys.executable, "-c", {BUSY!r}], stdin=subprocess.DEVNULL)
sys.stdin.read()"""


def test_a_minute_is_counted_from_the_reading_that_is_a_minute_old() -> None:
    readings = [UsageReading(0.0, {"api": 1.0}), UsageReading(30.0, {"api": 2.0}), UsageReading(60.0, {"api": 8.0})]
    assert shares(readings, UsageReading(90.0, {"api": 8.0})) == {"api": 0.1}


def test_after_the_start_it_is_counted_from_the_oldest_reading() -> None:
    readings = [UsageReading(10.0, {"api": 1.0}), UsageReading(40.0, {"api": 4.0})]
    assert shares(readings, UsageReading(50.0, {"api": 5.0})) == {"api": 0.1}


def test_without_a_reading_nothing_is_known() -> None:
    assert shares([], UsageReading(50.0, {"api": 5.0})) == {}


def test_a_reading_from_before_the_machine_started_does_not_count() -> None:
    assert shares([UsageReading(9_000.0, {"api": 7.0})], UsageReading(50.0, {"api": 5.0})) == {}


def test_a_program_that_started_anew_or_first_counts_from_its_start() -> None:
    assert shares([UsageReading(0.0, {"api": 9.0})], UsageReading(60.0, {"api": 3.0, "new": 6.0})) == {
        "api": 0.05,
        "new": 0.1,
    }


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "run").mkdir()
    return tmp_path


@pytest.fixture(params=[BUSY, WITH_CHILD])
def busy(home: Path, request: pytest.FixtureRequest) -> Iterator[psutil.Popen]:
    """A program that takes 0.3 s of processor time, or whose child has."""
    environment = {**os.environ, **marks(home, "busy")}
    process = psutil.Popen([sys.executable, "-c", request.param], env=environment, stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.wait()
    process.stdin.close()


def test_a_program_is_read_with_what_its_children_took(home: Path, busy: psutil.Popen) -> None:
    assert until(lambda: read(home).spent.get("busy", 0.0) >= 0.3, 60)


def test_what_was_noted_is_found_by_another_process(home: Path, busy: psutil.Popen) -> None:
    assert last_minute(home) == {}
    UsageRecorder(home).take()
    assert until(lambda: last_minute(home).get("busy", 0.0) > 0.0, 60)


def test_a_broken_file_is_none(home: Path) -> None:
    (home / "run" / "usage.json").write_text('[{"at": 1}]')
    assert last_minute(home) == {}


def test_a_folder_that_takes_no_file_stops_nothing(tmp_path: Path) -> None:
    UsageRecorder(tmp_path / "absent").take()
