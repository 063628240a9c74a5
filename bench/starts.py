"""How quietly the process supervisor runs after a start: its processor time in the minute after each of some starts.

    source .riverline/env && python -m bench.starts [--starts 10] [--seconds 60]

Brings the stack down and up again each time, without a crawl; in the end it is up. What a start leaves behind by chance
(a connection that closed at a bad moment) is seen in one of many. artefacts/starts.md is the table.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from dataclasses import dataclass

from riverline.settings import ROOT, Settings
from riverline_commands.console import ConsoleProgress
from riverline_stack.servers import servers
from riverline_stack.supervision import lifecycle
from riverline_stack.supervision.supervise import NAME
from riverline_stack.supervision.usage import read
from riverline_stack.up import up

STARTS, SECONDS = 10, 60.0
REPORT = ROOT / "artefacts" / "starts.md"


@dataclass(frozen=True)
class Start:
    """One start: how long it took until all was ready, and the supervisor's share of one core after it."""

    seconds: float
    processor: float


def start(settings: Settings, progress: lifecycle.Progress, seconds: float) -> Start:
    """Brings the stack down, up, and measures."""
    lifecycle.down(settings, servers.programs(settings), progress)
    began = time.monotonic()
    up(settings, progress)
    took = time.monotonic() - began
    before = read(settings.home)
    time.sleep(seconds)
    after = read(settings.home)
    return Start(took, (after.spent[NAME] - before.spent[NAME]) / (after.at - before.at))


def table(starts: Sequence[Start], seconds: float) -> str:
    """artefacts/starts.md."""
    rows = (f"| {number} | {one.seconds:.0f} | {one.processor:.2%} |" for number, one in enumerate(starts, 1))
    head = (
        f"# supervisord in the {seconds:.0f} s after each start",
        "",
        "| start | up after, s | % of a core |",
        "|---|---|---|",
    )
    return "\n".join((*head, *rows, ""))


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--starts", type=int, default=STARTS)
    arguments.add_argument("--seconds", type=float, default=SECONDS)
    given = arguments.parse_args()
    settings, starts = Settings.load(), []
    REPORT.parent.mkdir(exist_ok=True)
    with ConsoleProgress() as progress:
        for _ in range(given.starts):
            starts.append(start(settings, progress, given.seconds))
            REPORT.write_text(table(starts, given.seconds))
    print(REPORT.read_text())


if __name__ == "__main__":
    main()
