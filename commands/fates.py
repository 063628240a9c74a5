"""`riverline fates`: how records ended."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer

from commands.console import Json, out, print_json, table
from riverline.assembly import assemble
from riverline.settings import Settings
from riverline.stores.contracts import FateQuery, Fates

Url = Annotated[str, typer.Option(help="Those of one page, by its canonical URL.")]
Topic = Annotated[str, typer.Option(help="Those of one topic: crawl.<host>.")]
Outcome = Annotated[str, typer.Option(help="indexed, duplicate, filtered or dead.")]
Reason = Annotated[str, typer.Option(help="Those with one reason, such as too_large.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="So many of the newest.")]


def fates(
    url: Url = "", topic: Topic = "", outcome: Outcome = "", reason: Reason = "", limit: Limit = 20, json: Json = False
) -> None:
    """How records ended: indexed, duplicate, filtered or dead, and why; the newest first."""
    index = assemble(Settings.load()).index
    index.refresh()
    found = index.fates(FateQuery(url, topic, outcome, reason, limit))
    if json:
        print_json({"total": found.total, "counts": found.counts, "items": found.items})
        return
    table(("record", "fate", "when", "page", "why"), _rows(found))
    counts = ", ".join(f"{count} {name}" for name, count in sorted(found.counts.items()))
    out.print(f"\n{found.total} in all" + (f": {counts}" if counts else ""), markup=False)


def _rows(found: Fates) -> list[tuple[str, ...]]:
    return [(fate.origin, fate.name, _when(fate.at), fate.url, fate.error or fate.of) for fate in found.items]


def _when(at_ms: int) -> str:
    return f"{datetime.fromtimestamp(at_ms / 1000, UTC):%Y-%m-%d %H:%M:%SZ}"
