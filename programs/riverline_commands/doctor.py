"""`riverline doctor`: what the machine lacks, what goes wrong in the stack that runs, and how to fix it."""

from __future__ import annotations

import typer

from riverline.settings import Settings
from riverline_commands.console import Json, out, print_json


def doctor(json: Json = False) -> None:
    """Checks what the stack needs of this machine, and what runs, and says how to fix it."""
    from riverline.services import assemble
    from riverline_commands.running import examine_running
    from riverline_stack.doctor import examine
    from riverline_stack.servers.servers import addresses
    from riverline_stack.supervision.processes import owned

    settings = Settings.load()
    findings = examine(settings, addresses(settings))
    if owned(settings.home):
        findings += examine_running(assemble(settings))
    well = all(finding.well for finding in findings)
    if json:
        print_json({"well": well, "findings": findings})
    else:
        for finding in findings:
            out.print("[green]ok     [/]" if finding.well else "[red]problem[/]", end=" ")
            out.print(f"{finding.what}: {finding.said}", markup=False)
            if finding.mend:
                out.print(f"        -> {finding.mend}", markup=False)
        out.print("All is well." if well else "There are problems.")
    raise typer.Exit(0 if well else 1)
