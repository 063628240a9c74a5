"""`riverline deploy`: a new release of the topology in the place of the one that runs, without loss."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from commands.console import ConsoleProgress, Json, out, print_json
from riverline.assembly import assemble
from riverline.errors import Fatal
from riverline.settings import Settings

Jar = Annotated[Path | None, typer.Option(exists=True, dir_okay=False, help="A jar; default: built from the sources.")]
Environment = Annotated[str, typer.Option(help="The environment of config.json; one with a virtualenv provisions it.")]
Wait = Annotated[int, typer.Option(min=0, help="Seconds in which the former topology may finish what it holds.")]
Within = Annotated[float, typer.Option(min=30, help="Seconds in which the new one must be healthy; else it goes back.")]
Back = Annotated[bool, typer.Option("--back", help="Goes back to the release before the one that runs.")]


def deploy(
    jar: Jar = None,
    environment: Environment = "local",
    wait: Wait = 5,
    within: Within = 240,
    back: Back = False,
    json: Json = False,
) -> None:
    """Replaces the topology: the new one goes on from the committed offsets. If it does not become healthy, the former
    one is submitted again as it was. Exit code 1 then."""
    from stack import deploy, releases, topology
    from stack.lifecycle import alone

    services = assemble(Settings.load())
    settings, plan = services.settings, deploy.Plan(wait, within, environment)
    with alone(settings), ConsoleProgress() as progress:
        if back:
            running = releases.running(settings)
            former = next((each for each in releases.kept(settings) if each.name != running), None)
            if former is None:
                raise Fatal("no other release is kept; nothing to go back to")
            outcome = deploy.go_back(services, former, plan, progress)
        else:
            outcome = deploy.deploy(services, jar or topology.build(settings, progress.say), plan, progress)
    if json:
        print_json(outcome)
    elif outcome.deployed:
        out.print(f"{outcome.release} runs.", markup=False)
    else:
        out.print(f"Not deployed: {outcome.why}\n{outcome.release} runs, as {outcome.former} did.", markup=False)
    raise typer.Exit(0 if outcome.deployed else 1)
