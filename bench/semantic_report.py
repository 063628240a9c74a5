"""The figures of bench.relevance --semantic as a table, and as their section of bench/RESULTS.md."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from statistics import fmean

from bench.metrics import Difference, Measures
from bench.relevance_report import CHANCE, RESULTS, Row, placed, wrapped

TITLE = "## Ranking by meaning: `bench.relevance --all --semantic`"
HEAD = "| collection | queries | by words | by meaning, too | difference | p |"
INTRODUCTION = """`{command}`. The same queries twice in one run, without and with RIVERLINE_SEARCH__SEMANTIC. nDCG@10;
p: a difference as great by chance (paired randomisation)."""


def _compared(rows: Sequence[Row]) -> Iterator[tuple[Row, Measures, Difference]]:
    return ((row, row.semantic, row.moved) for row in rows if row.semantic and row.moved)


def line(row: Row, semantic: Measures, moved: Difference) -> str:
    """A row of the table."""
    gain = semantic.ndcg / row.ours.ndcg - 1
    told = f"| {row.name} | {row.ours.queries} | {row.ours.ndcg:.3f} | {semantic.ndcg:.3f}"
    return f"{told} | {gain:+.1%} | {moved.chance:.3f} |"


def summary(rows: Sequence[Row]) -> str:
    """What all of them say together, and by language."""
    found = list(_compared(rows))
    gains = {row.name: semantic.ndcg / row.ours.ndcg - 1 for row, semantic, _ in found}
    lower = [moved for row, _, moved in found if gains[row.name] < 0]
    sure = sum(moved.chance < CHANCE for moved in lower)
    least = min(gains, key=lambda name: gains[name])
    return (
        f"{len(found)} collections: {fmean(gains.values()):+.1%} on average ({_by_language(gains)}). {len(lower)} are "
        f"lower, {sure} of them by more than chance (p < {CHANCE}). The least is {least} with {gains[least]:+.1%}."
    )


def _by_language(gains: dict[str, float]) -> str:
    """Collections are named after their source and language; what has none in its name is English."""
    kinds = {"Korean": "-ko-", "mixed": "-mixed-"}
    named = {kind: [gain for name, gain in gains.items() if part in name] for kind, part in kinds.items()}
    named["English"] = [gain for name, gain in gains.items() if not any(part in name for part in kinds.values())]
    return ", ".join(f"{kind} {fmean(some):+.1%}" for kind, some in named.items() if some)


def section(rows: Sequence[Row], command: str, today: str) -> str:
    """The section, its heading first."""
    said = f"{today}. {INTRODUCTION.format(command=command)}"
    table = "\n".join((HEAD, "|---" * HEAD.count(" |") + "|", *(line(*one) for one in _compared(rows))))
    return f"{TITLE}\n\n{wrapped(said)}\n\n{table}\n\n{wrapped(summary(rows))}\n"


def write(rows: Sequence[Row], command: str) -> None:
    """Puts the section into bench/RESULTS.md."""
    made = section(rows, command, f"{datetime.now(UTC):%Y-%m-%d}")
    RESULTS.write_text(placed(RESULTS.read_text("utf-8"), made), "utf-8")
