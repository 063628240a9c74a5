"""Processor time of a page from its host to the index, by what takes it: crawler, topology, brokers, Elasticsearch, the
rest.

    python -m bench.end_to_end [--archive DIR] [--against CHECKOUT] [--rounds 3] [--pages 16] [--hosts 96]

Each checkout has a stack of its own beside any other (10 GiB of memory for two). The rounds take turns; the figures are
medians. Pages are an archive's, each with a word of its own in its paragraphs, or made ones. What a stack takes at rest
is measured before and left out, and so is the start of the crawler. Ports are 15 000 and 18 000 above the usual ones.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

PARTS = ("crawler", "topology, Python", "topology, JVM", "brokers", "elasticsearch", "the rest")
SUMS = {"crawler and topology": PARTS[:3], "with brokers and index": PARTS[:5], "all": PARTS}
Round = dict[str, Any]


class Checkout:
    """A process that crawls with a checkout's own code and virtualenv."""

    def __init__(self, folder: Path, number: int, options: Sequence[str]) -> None:
        script = Path(__file__).resolve().with_name("end_to_end_round.py")
        command = [str(folder / ".venv/bin/python"), str(script), "--number", str(number), *options]
        self._process = subprocess.Popen(
            command, cwd=folder, env=os.environ | {"PYTHONPATH": str(folder)}, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip

    def answer(self) -> Round:
        """Raises SystemExit when the process has ended."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line:
            raise SystemExit(f"it ended with {self._process.wait()}")
        return dict(json.loads(line))

    def ask(self, what: str) -> Round:
        assert self._process.stdin
        print(what, file=self._process.stdin, flush=True)
        return self.answer()

    def end(self) -> None:
        self._process.communicate()


def table(checkouts: Sequence[Sequence[Round]]) -> str:
    """The medians of each checkout's rounds; with two of them, the median of the rounds' ratios, this by the other."""
    lines = [_line(part, checkouts, partial(_of, "ms", [part])) for part in PARTS]
    for name, parts in SUMS.items():
        lines.append(_line(name, checkouts, partial(_of, "ms", parts)))
    lines.append(_line("pages a second", checkouts, lambda one: one["rate"]))
    lines.append(_line("pages a second, crawled", checkouts, lambda one: one["crawled"]))
    for part in PARTS:
        lines.append(_line(f"{part}, MiB", checkouts, partial(_of, "MiB", [part])))
    two = len(checkouts) > 1
    what = "ms of processor time a page"
    head = [f"| {what} | this | other | ratio |", "|---|---|---|---|"] if two else [f"| {what} | |", "|---|---|"]
    return "\n".join([*head, *lines])


def _of(unit: str, parts: Sequence[str], one: Round) -> float:
    """The sum of those parts of a round."""
    found: dict[str, float] = one[unit]
    return sum(found.get(part, 0.0) for part in parts)


def _line(name: str, checkouts: Sequence[Sequence[Round]], value: Callable[[Round], float]) -> str:
    medians = [statistics.median(map(value, rounds)) for rounds in checkouts]
    cells = [f"{median:.2f}" if median < 100 else f"{median:.0f}" for median in medians]
    if len(checkouts) > 1:
        pairs = [(value(this), value(other)) for this, other in zip(*checkouts, strict=True)]
        cells.append(f"{statistics.median(this / other if other else 0.0 for this, other in pairs):.2f}")
    return f"| {' | '.join([name, *cells])} |"


def main(line: list[str]) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--archive", type=Path, help="folder of manifest.json and its pages (default: made pages)")
    parser.add_argument("--against", type=Path, help="another checkout, with its virtualenv")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pages", type=int, default=16, help="pages a host and round")
    parser.add_argument("--hosts", type=int, default=96)
    parser.add_argument("--json", type=Path, help="file for all figures of each round")
    asked = parser.parse_args(line)
    options = ["--hosts", str(asked.hosts), *(["--archive", str(asked.archive.resolve())] if asked.archive else [])]
    folders = [Path(__file__).resolve().parents[1], *([asked.against.resolve()] if asked.against else [])]
    checkouts: list[Checkout] = []
    found: list[list[Round]] = [[] for _ in folders]
    try:
        for number, folder in enumerate(folders):
            checkouts.append(Checkout(folder, number, options))
        for one in checkouts:
            one.answer()
        for one in checkouts:
            one.ask("warm")
        for _ in range(asked.rounds):
            rounds = [one.ask(str(asked.pages)) for one in checkouts]
            for figures, earlier in zip(rounds, found, strict=True):
                earlier.append(figures)
                print(json.dumps({name: figures[name] for name in ("pages", "kB", "fates")}), file=sys.stderr)
            print(table(found), flush=True)  # of the rounds so far
    finally:
        for one in checkouts:
            one.end()
        if asked.json:
            asked.json.write_text(json.dumps(found, indent=1))


if __name__ == "__main__":
    main(sys.argv[1:])
