"""What the stack costs while nobody uses it: processor time and resident memory of each program.

    source .riverline/env && python -m bench.rest [--seconds 300] [--topics 424]

The stack must be up. `--topics` crawl topics are made first, as far as there are fewer, each with one page, and the
measuring begins when these are finished. Processor time is user and system time in percent of one core, of all the
processes of a program; ended children count for the parent that waited for them. artefacts/rest.md is the table.
"""

from __future__ import annotations

import argparse
import contextlib
import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from riverline.pipeline.contracts import topic_of
from riverline.services import Services, assemble
from riverline.settings import ROOT, Settings
from riverline_stack.supervision.processes import owned, programs_of
from riverline_stack.supervision.supervise import NAME as SUPERVISOR
from tests.support.load import page
from tests.support.residents import part_of

SECONDS, TOPICS = 300.0, 424
SETTLING = 60.0  # seconds between the last page and the measuring: bulks, merges and commits come to their end
PATIENCE = 900.0  # seconds that the pages may take
REPORT = ROOT / "artefacts" / "rest.md"


@dataclass(frozen=True)
class Usage:
    """One program, measured for a while. `processor` is its share of one core; `resident` counts bytes at the end."""

    program: str
    processor: float
    resident: int
    processes: int


@dataclass(frozen=True)
class Reading:
    """Processor seconds so far, bytes and number of processes by program."""

    seconds: Mapping[str, float]
    resident: Mapping[str, int]
    processes: Mapping[str, int]


def measure(settings: Settings, seconds: float) -> list[Usage]:
    """All programs of the stack, the busiest first."""
    before, began = read(settings.home), time.monotonic()
    time.sleep(seconds)
    return usages(before, read(settings.home), time.monotonic() - began)


def read(home: Path) -> Reading:
    """The programs as they stand."""
    spent: Counter[str] = Counter()
    resident: Counter[str] = Counter()
    count: Counter[str] = Counter()
    found = owned(home)
    programs = programs_of(found, home)
    for process in found:
        with contextlib.suppress(psutil.Error, KeyError):
            name = f"{programs[process.pid]}{part_of(process)}"
            times, memory = process.cpu_times(), process.memory_info()
            # All programs are the supervisor's children: what one of them took is not the supervisor's own.
            children = 0.0 if name == SUPERVISOR else times.children_user + times.children_system
            spent[name] += times.user + times.system + children  # type: ignore[assignment]  # seconds
            resident[name] += memory.rss
            count[name] += 1
    return Reading(spent, resident, count)


def usages(before: Reading, after: Reading, seconds: float) -> list[Usage]:
    """What was spent between two readings. A program that was started again in between counts from its start."""
    found = []
    for name, spent in after.seconds.items():
        since = before.seconds.get(name, 0.0)
        share = (spent - since if spent >= since else spent) / seconds
        found.append(Usage(name, share, after.resident[name], after.processes[name]))
    return sorted(found, key=lambda usage: -usage.processor)


def populate(services: Services, count: int) -> int:
    """Makes crawl topics until there are so many, with one page in each; returns how many there are, once all pages
    are finished. Raises SystemExit when they are not in time."""
    there = len(services.log.topics())
    run = f"{time.time_ns():x}"
    for number in range(there, count):
        one = page(f"{run}-{number}.rest.example", number)
        services.log.append(topic_of(one.key.split("/")[2]), one)
    services.log.flush(PATIENCE)
    topics = services.log.topics()
    _wait(services, topics)
    return len(topics)


def _wait(services: Services, topics: list[str]) -> None:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        ends, committed = services.log.ends(topics), services.log.committed(topics)
        if all(committed.get(place, first) >= end for place, (first, end) in ends.items()):
            return
        time.sleep(1)
    raise SystemExit("the topology did not finish the pages; is it up? (riverline stack status)")


def table(found: Iterable[Usage], topics: int, seconds: float) -> str:
    """artefacts/rest.md."""
    found = list(found)
    lines = [
        f"# At rest: {topics} topics, {seconds:.0f} s",
        "",
        "| program | processes | % of a core | resident, MiB |",
        "|---|---|---|---|",
        *(
            f"| {usage.program} | {usage.processes} | {usage.processor:.2%} | {usage.resident / (1 << 20):.0f} |"
            for usage in found
        ),
        f"| all | {sum(usage.processes for usage in found)} | {sum(usage.processor for usage in found):.2%} "
        f"| {sum(usage.resident for usage in found) / (1 << 20):.0f} |",
        "",
    ]
    return "\n".join(lines)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--seconds", type=float, default=SECONDS)
    arguments.add_argument("--topics", type=int, default=0, help="that there are at the least (default: as there are)")
    given = arguments.parse_args()
    settings = Settings.load()
    services = assemble(settings)
    try:
        topics = populate(services, given.topics)
    finally:
        services.log.close()
    time.sleep(SETTLING)
    text = table(measure(settings, given.seconds), topics, given.seconds)
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(text)
    print(text)


if __name__ == "__main__":
    main()
