"""`riverline deploy`: replaces the topology with a new release, without loss."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from riverline.errors import Fatal
from riverline.services import assemble
from riverline.settings import Settings
from riverline_commands.console import ConsoleProgress, Json, out, print_json

Jar = Annotated[
    Path | None, typer.Option(exists=True, dir_okay=False, help="Jar to submit. Default: built from sources.")
]
Environment = Annotated[str, typer.Option(help="Environment of config.json; one with a virtualenv is provisioned.")]
Wait = Annotated[int, typer.Option(min=0, help="Seconds for the old topology to finish what it holds.")]
Within = Annotated[float, typer.Option(min=30, help="Seconds for the new topology to become healthy.")]
Back = Annotated[bool, typer.Option("--back", help="Roll back to the previous release.")]


def deploy(
    jar: Jar = None,
    environment: Environment = "local",
    wait: Wait = 5,
    within: Within = 240,
    back: Back = False,
    json: Json = False,
) -> None:
    """Replaces the topology without loss. If the new one does not become healthy, rolls back, with exit code 1."""
    from riverline_stack.release import deploy, releases, topology
    from riverline_stack.supervision.lifecycle import alone

    services = assemble(Settings.load())
    settings, plan = services.settings, deploy.DeployPlan(wait, within, environment)
    with alone(settings), ConsoleProgress() as progress:
        if back:
            running = releases.running(settings)
            former = next((each for each in releases.kept(settings) if each.name != running), None)
            if former is None:
                raise Fatal("no other release is kept, so there is nothing to roll back to")
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
