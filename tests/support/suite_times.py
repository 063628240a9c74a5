"""What each suite took, printed with `--durations` above pytest's own last line."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import pytest


@dataclass
class Taken:
    """Of one suite: tests, and seconds of the clock and of processors, in sum over all workers."""

    tests: int = 0
    seconds: float = 0.0
    processor: float = 0.0


class SuiteTimes:
    """A plugin. Processor time is that of the tests and of the commands that they ran; servers are not in it."""

    def __init__(self) -> None:
        self._taken: dict[str, Taken] = defaultdict(Taken)
        self._before = processor_time()

    def pytest_collection_finish(self) -> None:
        self._before = processor_time()

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self) -> Iterator[None]:
        report = yield
        before, self._before = self._before, processor_time()
        report.processor = self._before - before  # type: ignore[attr-defined] # a worker sends it along
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        taken = self._taken[suite_of(report.nodeid)]
        taken.tests += report.when == "setup"
        taken.seconds += report.duration
        taken.processor += getattr(report, "processor", 0.0)

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
        if config.option.durations is None:
            return
        terminalreporter.section("time by suite")
        terminalreporter.write_line(f"{'suite':<12}{'tests':>8}{'seconds':>10}{'of processors':>15}")
        for name, one in sorted(self._taken.items()):
            terminalreporter.write_line(f"{name:<12}{one.tests:>8}{one.seconds:>10.1f}{one.processor:>15.1f}")


def suite_of(nodeid: str) -> str:
    """The folder of tests/ that a test is in."""
    parts = nodeid.partition("::")[0].split("/")
    return parts[1] if parts[0] == "tests" and len(parts) > 2 else "tests"


def processor_time() -> float:
    """Seconds that this process and those of its children that have ended took."""
    return sum(os.times()[:4])
