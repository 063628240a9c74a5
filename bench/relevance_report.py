"""The figures of bench.relevance as a table, and as their section of bench/RESULTS.md."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

from bench.metrics import Difference, Measures

RESULTS = Path(__file__).with_name("RESULTS.md")
TITLE = "## Ranking by collection: `bench.relevance --all`"
CHANCE = 0.05
HEAD = "| collection | documents | queries | Riverline | en | ko | std | cjk | best of these | difference | p |"
INTRODUCTION = """`{command}` compares with plain BM25 (k1 1.2, b 0.75, one field) by each single analyser, one
collection after the other in one run. nDCG@10; the difference is to the best analyser of that collection; p: a
difference as great by chance (paired randomisation)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One collection: this engine's measures, those of plain BM25 by its analyser, and the best of these. `semantic`:
    the measures with the first results ordered by meaning, too, where that was asked for; `moved`: the difference."""

    name: str
    documents: int
    ours: Measures
    plain: Mapping[str, Measures]
    best: str
    difference: Difference
    semantic: Measures | None = None
    moved: Difference | None = None

    @property
    def gain(self) -> float:
        """Of nDCG over the best single analyser, as a share of it."""
        return self.ours.ndcg / self.plain[self.best].ndcg - 1

    @property
    def by_chance(self) -> bool:
        return self.difference.chance >= CHANCE


def line(row: Row) -> str:
    """A row of the table."""
    plain = " | ".join(f"{row.plain[name].ndcg:.3f}" for name in ("en", "ko", "std", "cjk"))
    told = f"| {row.name} | {row.documents} | {row.ours.queries} | {row.ours.ndcg:.3f} | {plain} | {row.best}"
    return f"{told} | {row.gain:+.1%} | {row.difference.chance:.3f} |"


def summary(rows: Sequence[Row]) -> str:
    """What all of them say together."""
    higher, lower = ([row for row in rows if sign * row.gain > 0] for sign in (1, -1))
    sure = [sum(not row.by_chance for row in some) for some in (higher, lower)]
    least = min(rows, key=lambda row: row.gain)
    return (
        f"{len(rows)} collections: mean nDCG@10 {fmean(row.ours.ndcg for row in rows):.4f} against "
        f"{fmean(row.plain[row.best].ndcg for row in rows):.4f} of the best single analyser of each, "
        f"{fmean(row.gain for row in rows):+.1%} on average. {len(higher)} are higher, {sure[0]} of them by more than "
        f"chance (p < {CHANCE}); {len(lower)} are lower, {sure[1]} of them by more than chance. The least is "
        f"{least.name} with {least.gain:+.1%} (p {least.difference.chance:.3f})."
    )


def section(rows: Sequence[Row], command: str, today: str) -> str:
    """The section, its heading first."""
    said = f"{today}. {INTRODUCTION.format(command=command)}"
    table = "\n".join((HEAD, "|---" * HEAD.count(" |") + "|", *map(line, rows)))
    return f"{TITLE}\n\n{wrapped(said)}\n\n{table}\n\n{wrapped(summary(rows))}\n"


def wrapped(text: str) -> str:
    return textwrap.fill(" ".join(text.split()), 100, break_long_words=False, break_on_hyphens=False)


def placed(results: str, made: str) -> str:
    """The page with this section in the place of its former one; as the first of all where there was none."""
    title = made.partition("\n")[0]
    found = re.search(rf"^{re.escape(title)}\n.*?(?=^## |\Z)", results, re.M | re.S)
    if found:
        return f"{results[: found.start()]}{made}\n{results[found.end() :]}".rstrip("\n") + "\n"
    first = results.index("\n## ") + 1
    return f"{results[:first]}{made}\n{results[first:]}"


def write(rows: Sequence[Row], command: str) -> None:
    """Puts the section into bench/RESULTS.md."""
    made = section(rows, command, f"{datetime.now(UTC):%Y-%m-%d}")
    RESULTS.write_text(placed(RESULTS.read_text("utf-8"), made), "utf-8")
