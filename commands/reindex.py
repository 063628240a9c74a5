"""`riverline reindex`: the documents in a new index with the current mappings, while everything goes on."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.progress import Progress, TaskID

from commands.console import Json, out, print_json, progress
from riverline.settings import Settings
from riverline.stores.elastic.connection import Connection
from riverline.stores.elastic.reindexing import NO_LIMIT, Reindexed, Reindexing

Again = Annotated[bool, typer.Option("--again", help="After an interrupted run: removes what it left, begins anew.")]
Recompute = Annotated[bool, typer.Option("--recompute", help="Makes fields anew that follow from others.")]
Rate = Annotated[float | None, typer.Option(min=1, help="Documents a second that are copied, at most.")]
DropOld = Annotated[bool, typer.Option("--drop-old", help="Only removes the versions that are no longer in use.")]


def reindex(
    again: Again = False, recompute: Recompute = False, rate: Rate = None, drop_old: DropOld = False, json: Json = False
) -> None:
    """Copies the documents into a new index, catches up with what is written meanwhile, and moves the alias."""
    settings = Settings.load().elasticsearch
    connection = Connection(settings)
    work = Reindexing(connection, settings, recompute=recompute, rate=rate or NO_LIMIT)
    try:
        if drop_old:
            return _print_dropped(work.drop_old(), json)
        if again:
            work.recover()
        return _print_done(_run(work, json), json)
    finally:
        connection.close()


def _run(work: Reindexing, json: bool) -> Reindexed:
    bars: dict[str, TaskID] = {}
    with Progress(console=progress, disable=json or not progress.is_terminal) as shown:

        def tell(what: str, done: int, total: int) -> None:
            if what not in bars:
                bars[what] = shown.add_task(what)
            shown.update(bars[what], completed=done, total=total)

        return work.run(tell)


def _print_dropped(names: list[str], json: bool) -> None:
    if json:
        return print_json({"dropped": names})
    return out.print(f"dropped: {', '.join(names) or 'nothing'}")


def _print_done(done: Reindexed, json: bool) -> None:
    if json:
        return print_json(done)
    out.print(f"{done.documents} documents are in {done.new} ({done.seconds:.1f} s).")
    out.print(
        f"{done.caught_up} were written and {done.removed} deleted meanwhile; writers waited {done.paused:.1f} s."
    )
    return out.print(f"{done.old} is kept, closed for writes: riverline reindex --drop-old removes it.")
