"""`riverline doctor`: what the machine lacks, and how to fix it."""

from __future__ import annotations

import typer

from riverline.settings import Settings
from riverline_commands.console import Json, out, print_json


def doctor(json: Json = False) -> None:
    """Checks what the stack needs of this machine, and says how to fix what is missing."""
    from riverline_stack.doctor import examine
    from riverline_stack.servers.servers import addresses

    settings = Settings.load()
    findings = examine(settings, addresses(settings))
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
