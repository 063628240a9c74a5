"""`riverline topology`: changes a topology that runs; `riverline deploy` replaces it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any

import typer

from riverline.adapters.storm import topologies
from riverline.adapters.storm.nimbus import nimbus_client
from riverline.errors import Invalid
from riverline.settings import Settings
from riverline_commands.console import out, table

app = typer.Typer(help="Pauses, resumes and rebalances the topology, and sets its log levels.", no_args_is_help=True)
SECONDS = 15.0  # for Nimbus

Name = Annotated[str, typer.Option(help="The topology; by default the one of the settings.")]
Wait = Annotated[int, typer.Option(min=0, help="Seconds to finish what it holds.")]
Workers = Annotated[int | None, typer.Option(min=1, help="How many workers.")]
Executors = Annotated[list[str] | None, typer.Option(help="COMPONENT=COUNT; may be repeated.")]
Logger = Annotated[str, typer.Argument(help="A logger of the workers: ROOT, or a class or package of Java.")]
Level = Annotated[str, typer.Argument(help="TRACE, DEBUG, INFO, WARN, ERROR, or `reset` to take the change back.")]
For = Annotated[int, typer.Option("--seconds", min=0, help="For how long; 0 until it is changed.")]


@app.command()
def activate(name: Name = "") -> None:
    """Lets a topology that was deactivated read again."""
    with _nimbus(name) as (nimbus, named):
        topologies.activate(nimbus, named)
    out.print(f"{named} is active.")


@app.command()
def deactivate(name: Name = "") -> None:
    """Stops its reading; what it holds is finished, and what comes waits in Kafka."""
    with _nimbus(name) as (nimbus, named):
        topologies.deactivate(nimbus, named)
    out.print(f"{named} reads nothing new.")


@app.command()
def rebalance(workers: Workers = None, executors: Executors = None, wait: Wait = 1, name: Name = "") -> None:
    """Spreads it anew over workers, with so many executors of a component as told. Its workers start again."""
    wanted = dict(_counted(each) for each in executors or ())
    with _nimbus(name) as (nimbus, named):
        topologies.rebalance(nimbus, named, wait, workers, wanted)
    out.print(f"{named} is being rebalanced.")


@app.command("log-level")
def log_level(logger: Logger = "", level: Level = "", seconds: For = 60, name: Name = "") -> None:
    """Sets the level of a logger in the workers, or without arguments shows those that were changed."""
    with _nimbus(name) as (nimbus, named):
        running = topologies.id_of(nimbus, named)
        if logger:
            wanted = level.upper() if level else "INFO"
            topologies.set_log_level(nimbus, running, logger, None if wanted == "RESET" else wanted, seconds)
        found = topologies.log_levels(nimbus, running)
    rows = [(one, told["target_level"] or "", told["timeout"] or "") for one, told in found.items()]
    table(("logger", "level", "seconds"), rows)


@contextmanager
def _nimbus(name: str) -> Iterator[tuple[Any, str]]:
    """A client of Nimbus, and the topology's name. Raises Transient."""
    settings = Settings.load()
    with nimbus_client(settings.storm.nimbus, SECONDS) as nimbus:
        yield nimbus, name or settings.storm.topology


def _counted(text: str) -> tuple[str, int]:
    component, _, count = text.partition("=")
    if not component or not count.isdecimal():
        raise Invalid(f"{text} is not COMPONENT=COUNT")
    return component, int(count)
