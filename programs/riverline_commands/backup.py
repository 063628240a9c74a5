"""`riverline backup`: makes, shows, checks and restores backups; run on the machine of the servers."""

from __future__ import annotations

import json as json_format
from pathlib import Path
from typing import Annotated

import typer

from riverline.errors import Invalid
from riverline.settings import Settings
from riverline_commands.console import ConsoleProgress, Json, mebibytes, out, print_json, table

app = typer.Typer(help="Makes, checks and restores backups.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name, as `riverline backup list` shows it. Default: the newest.")]
Scheduled = Annotated[bool, typer.Option("--scheduled", help="Remove this backup automatically when it is outdated.")]
Yes = Annotated[bool, typer.Option("--yes", help="Confirm that all data of the stack will be replaced.")]
Into = Annotated[Path, typer.Argument(help="File to write.")]
With = Annotated[Path, typer.Argument(help="File that `riverline backup fingerprint` wrote.")]


@app.command()
def create(scheduled: Scheduled = False, json: Json = False) -> None:
    """Makes a backup. Everything goes on meanwhile."""
    from riverline_stack.backup.create import create
    from riverline_stack.backup.folder import root

    settings = Settings.load()
    with ConsoleProgress() as progress:
        made = create(settings, progress.say, scheduled)
    if json:
        print_json(made)
    else:
        out.print(f"{root(settings) / made.name}: {mebibytes(made.bytes)}; only its owner may read it.", markup=False)


@app.command("list")
def list_(json: Json = False) -> None:
    """Lists all backups, the oldest first."""
    from riverline_stack.backup.folder import listed

    found = listed(Settings.load())
    if json:
        return print_json(found)
    rows = [
        (each.name, mebibytes(each.bytes), sum(each.rows.values()), sum(each.documents.values()), each.gtid)
        for each in found
    ]
    return table(("backup", "size", "rows", "documents", "gtid"), rows)


@app.command()
def verify(name: Name = "", json: Json = False) -> None:
    """Checks a backup. Exit code 1 if it is broken."""
    from riverline_stack.backup.verify import verify

    with ConsoleProgress() as progress:
        problems = verify(Settings.load(), name, progress.say)
    _tell(problems, "The backup is intact.", json)


@app.command()
def restore(name: Name = "", yes: Yes = False, json: Json = False) -> None:
    """Replaces all data of the running stack with a backup, and restarts everything."""
    from riverline_stack.backup.restore import restore

    if not yes:
        raise Invalid("this replaces all data of the stack; confirm with --yes")
    with ConsoleProgress() as progress:
        done = restore(Settings.load(), name, progress)
    if json:
        print_json(done)
        return
    out.print(f"{done.name} is restored ({done.seconds:.0f} s): {done.rows} rows, {done.documents} documents.")
    kafka = (
        f"{done.again} records in Kafka are processed again."
        if done.fates
        else "Kafka is new: fates were not restored."
    )
    out.print(kafka)


@app.command()
def fingerprint(file: Into) -> None:
    """Writes what people see to a file: searches, timelines, targets."""
    from riverline_stack.backup.fingerprint import fingerprint

    file.write_text(json_format.dumps(fingerprint(Settings.load()), ensure_ascii=False, indent=1))


@app.command()
def compare(file: With, json: Json = False) -> None:
    """Compares the stack with a fingerprint. Exit code 1 if something differs."""
    from riverline_stack.backup.fingerprint import differences, fingerprint

    before = json_format.loads(file.read_text())
    after = fingerprint(Settings.load(), before["now_ms"], tuple(before["queries"]))
    _tell(list(differences(before, after)), "Searches, timelines and targets are the same.", json)


def _tell(problems: list[str], well: str, json: bool) -> None:
    if json:
        print_json({"equal" if well.startswith("Searches") else "whole": not problems, "problems": problems})
    else:
        out.print("\n".join(problems) or well, markup=False)
    raise typer.Exit(1 if problems else 0)
