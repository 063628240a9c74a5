"""What a program took at rest, from two readings of the processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bench.rest import Reading, Usage, read, table, usages
from riverline_stack.supervision.processes import marks


def reading(seconds: dict[str, float]) -> Reading:
    return Reading(seconds, dict.fromkeys(seconds, 1 << 20), dict.fromkeys(seconds, 1))


def test_the_busiest_program_comes_first() -> None:
    found = usages(reading({"a": 1.0, "b": 5.0}), reading({"a": 2.0, "b": 35.0}), 100.0)
    assert [(usage.program, round(usage.processor, 6)) for usage in found] == [("b", 0.3), ("a", 0.01)]


def test_a_program_that_was_started_again_counts_from_its_start() -> None:
    assert usages(reading({"a": 50.0}), reading({"a": 2.0}), 100.0) == [Usage("a", 0.02, 1 << 20, 1)]


def test_a_program_that_came_counts_and_one_that_went_does_not() -> None:
    assert [usage.program for usage in usages(reading({"gone": 1.0}), reading({"new": 1.0}), 10.0)] == ["new"]


def test_the_table_has_a_line_for_each_program_and_their_sum() -> None:
    lines = table([Usage("kafka-1", 0.041, 300 << 20, 1), Usage("api", 0.002, 100 << 20, 3)], 424, 300).splitlines()
    assert "| kafka-1 | 1 | 4.10% | 300 |" in lines and "| api | 3 | 0.20% | 100 |" in lines
    assert lines[-1] == "| all | 4 | 4.30% | 400 |"


WORKS = """
import subprocess, sys, time
burn = "import time\\nwhile time.process_time() < 0.3: pass"
subprocess.run([sys.executable, "-c", burn], check=True)
print("done", flush=True)
sys.stdin.read()
"""


def test_the_time_of_a_child_that_has_ended_is_its_program_s(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    command, environment = [sys.executable, "-c", WORKS], {**os.environ, **marks(tmp_path, "program")}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as parent:
        assert parent.stdout and parent.stdout.readline() == b"done\n"
        found = read(tmp_path)
    assert found.seconds["program"] >= 0.25  # the system counts in hundredths, and rounds down
    assert (found.processes["program"], found.resident["program"] > 1 << 20) == (1, True)
