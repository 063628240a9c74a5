"""`riverline outbox`: jobs that wait, and jobs that are parked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer

from riverline.errors import Invalid
from riverline.feed.contracts import FeedRepository, Parked
from riverline.services import assemble
from riverline.settings import Settings
from riverline_commands.console import Json, duration, out, print_json, table

app = typer.Typer(help="Shows and retries jobs of the outbox.", no_args_is_help=True)
SLICE = 500  # parked jobs that are read or retried at a time

Ids = Annotated[list[int] | None, typer.Argument(help="Ids, as `riverline outbox list` shows them.")]
Every = Annotated[bool, typer.Option("--all", help="All parked jobs.")]


@app.command("list")
def list_(json: Json = False) -> None:
    """Shows how many jobs wait, and which are parked because they failed repeatedly, with the reason."""
    repository = _repository()
    waiting, oldest = repository.depth()
    parked = list(_parked(repository))
    if json:
        return print_json({"waiting": waiting, "oldest_seconds": oldest, "parked": parked})
    out.print(f"{waiting} waiting" + (f", the oldest for {duration(oldest)}" if waiting else "") + ".")
    if parked:
        rows = [(one.job.id, one.job.task, dict(one.job.payload), one.failures, one.error) for one in parked]
        return table(("id", "job", "payload", "failures", "error"), rows, title=f"{len(parked)} parked")
    return out.print("No job is parked.")


@app.command()
def retry(ids: Ids = None, every: Every = False, json: Json = False) -> None:
    """Sends parked jobs again, within seconds. Running one twice is harmless."""
    if bool(ids) is every:
        raise Invalid("name parked jobs by their ids, or use --all")
    repository = _repository()
    chosen = sorted(set(ids or [])) if not every else [one.job.id for one in _parked(repository)]
    sent = sum(repository.unpark(chosen[at : at + SLICE]) for at in range(0, len(chosen), SLICE))
    if json:
        return print_json({"sent": sent, "passed_over": len(chosen) - sent})
    passed = f" {len(chosen) - sent} not parked." if sent < len(chosen) else ""
    return out.print(f"Sent again: {sent}.{passed}")


def _parked(repository: FeedRepository) -> Iterator[Parked]:
    after = 0
    while found := repository.parked(after, SLICE):
        yield from found
        after = found[-1].job.id


def _repository() -> FeedRepository:
    return assemble(Settings.load()).feed.repository
