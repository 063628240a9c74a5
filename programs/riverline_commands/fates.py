"""`riverline fates`: how records ended."""

from __future__ import annotations

from typing import Annotated

import typer

from riverline.errors import Invalid
from riverline.search.contracts import FateQuery, Fates
from riverline.services import assemble
from riverline.settings import Settings
from riverline.times import rfc3339_seconds
from riverline_commands.console import Json, out, print_json, table

Url = Annotated[str, typer.Option(help="Only this page, by its canonical URL.")]
Topic = Annotated[str, typer.Option(help="Only this topic: crawl.<host>.")]
Outcome = Annotated[str, typer.Option(help="Only this outcome: indexed, duplicate, filtered or dead.")]
Reason = Annotated[str, typer.Option(help="Only this reason, such as too_large.")]
Traceback = Annotated[bool, typer.Option("--traceback", help="Show where in the code each dead one failed.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="How many of the newest.")]


OUTCOMES = ("indexed", "duplicate", "filtered", "dead")


def fates(
    url: Url = "",
    topic: Topic = "",
    outcome: Outcome = "",
    reason: Reason = "",
    limit: Limit = 20,
    traceback: Traceback = False,
    json: Json = False,
) -> None:
    """Shows how records ended (indexed, duplicate, filtered or dead) and why, the newest first."""
    if outcome and outcome not in OUTCOMES:
        raise Invalid(f"there is no outcome {outcome}. Outcomes: {', '.join(OUTCOMES)}")
    index = assemble(Settings.load()).index
    index.refresh()
    found = index.fates(FateQuery(url, topic, outcome, reason, limit))
    if json:
        print_json({"total": found.total, "counts": found.counts, "items": found.items})
        return
    table(("record", "fate", "when", "page", "why"), _rows(found))
    if traceback:
        _print_tracebacks(found)
    counts = ", ".join(f"{count} {name}" for name, count in sorted(found.counts.items()))
    out.print(f"\n{found.total} in total" + (f": {counts}" if counts else ""), markup=False)


def _rows(found: Fates) -> list[tuple[str, ...]]:
    return [(fate.origin, fate.name, rfc3339_seconds(fate.at), fate.url, fate.error or fate.of) for fate in found.items]


def _print_tracebacks(found: Fates) -> None:
    for fate in found.items:
        if fate.traceback:
            out.print(f"\n{fate.origin}\n{fate.traceback}", markup=False, highlight=False)
