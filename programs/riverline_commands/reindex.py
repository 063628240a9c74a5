"""`riverline reindex`: copies the documents into a new index with the current mappings, while the system runs."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.progress import Progress, TaskID

from riverline.adapters.elasticsearch.reindexing import NO_LIMIT, Reindexed, Reindexing
from riverline.services import assemble
from riverline.settings import Settings
from riverline_commands.console import Json, out, print_json, progress

Again = Annotated[bool, typer.Option("--again", help="After an interrupted run: remove its remains and start over.")]
Recompute = Annotated[bool, typer.Option("--recompute", help="Compute derived fields again.")]
Rate = Annotated[float | None, typer.Option(min=1, help="Most documents to copy per second.")]
DropOld = Annotated[bool, typer.Option("--drop-old", help="Only remove versions that are no longer in use.")]


def reindex(
    again: Again = False, recompute: Recompute = False, rate: Rate = None, drop_old: DropOld = False, json: Json = False
) -> None:
    """Copies the documents into a new index and moves the alias. Searches and writes go on."""
    services = assemble(Settings.load())
    connection, settings = services.elasticsearch, services.settings.elasticsearch
    work = Reindexing(connection, settings, recompute=recompute, rate=rate or NO_LIMIT)
    try:
        if drop_old:
            return _print_dropped(work.drop_old(), json)
        if again:
            work.recover()
        done = _run(work, json)
        if recompute:
            services.vectors.forget()
        return _print_done(done, json)
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
        f"{done.caught_up} were written and {done.removed} deleted in the meantime; writers waited {done.paused:.1f} s."
    )
    return out.print(f"{done.old} is kept, closed for writes; `riverline reindex --drop-old` removes it.")
