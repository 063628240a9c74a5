"""`riverline doctor`: what the machine lacks, and what mends it."""

from __future__ import annotations

import typer

from commands.console import Json, out, print_json
from riverline.settings import Settings


def doctor(json: Json = False) -> None:
    """Looks at everything the stack needs of this machine."""
    from stack.doctor import examine
    from stack.servers import addresses

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
