"""`riverline backup`: makes, shows, checks and restores backups; run on the machine of the servers."""

from __future__ import annotations

import json as json_format
from pathlib import Path
from typing import Annotated

import typer

from commands.console import ConsoleProgress, Json, mebibytes, out, print_json, table
from riverline.errors import Invalid
from riverline.settings import Settings

app = typer.Typer(help="Backups of MariaDB, Elasticsearch, targets and settings.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="A backup as `list` names it. Default: the newest.")]
Scheduled = Annotated[bool, typer.Option("--scheduled", help="One of those that are removed when they are outdated.")]
Yes = Annotated[bool, typer.Option("--yes", help="All data of the stack may be replaced.")]
Into = Annotated[Path, typer.Argument(help="The file to write.")]
With = Annotated[Path, typer.Argument(help="A file that `fingerprint` wrote.")]


@app.command()
def create(scheduled: Scheduled = False, json: Json = False) -> None:
    """Makes a backup while everything goes on."""
    from stack.backup.create import create
    from stack.backup.folder import root

    settings = Settings.load()
    with ConsoleProgress() as progress:
        made = create(settings, progress.say, scheduled)
    if json:
        print_json(made)
    else:
        out.print(f"{root(settings) / made.name}: {mebibytes(made.bytes)}; only its owner may read it.", markup=False)


@app.command("list")
def list_(json: Json = False) -> None:
    """All backups, the oldest first."""
    from stack.backup.folder import listed

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
    """Whether a backup is whole and can be opened; the exit code is 1 when it is not."""
    from stack.backup.verify import verify

    with ConsoleProgress() as progress:
        problems = verify(Settings.load(), name, progress.say)
    _tell(problems, "The backup is whole.", json)


@app.command()
def restore(name: Name = "", yes: Yes = False, json: Json = False) -> None:
    """Replaces all data of the running stack by those of a backup, and starts everything again."""
    from stack.backup.restore import restore

    if not yes:
        raise Invalid("this replaces all data of the stack: say --yes")
    with ConsoleProgress() as progress:
        done = restore(Settings.load(), name, progress)
    if json:
        print_json(done)
        return
    out.print(f"{done.name} is restored ({done.seconds:.0f} s): {done.rows} rows, {done.documents} documents.")
    kafka = f"{done.again} records of Kafka are processed again." if done.fates else "Kafka is another one: no fates."
    out.print(kafka)


@app.command()
def fingerprint(file: Into) -> None:
    """Writes down what people see of the stack: searches, timelines, targets."""
    from stack.backup.fingerprint import fingerprint

    file.write_text(json_format.dumps(fingerprint(Settings.load()), ensure_ascii=False, indent=1))


@app.command()
def compare(file: With, json: Json = False) -> None:
    """Compares the stack with a fingerprint; the exit code is 1 when something differs."""
    from stack.backup.fingerprint import differences, fingerprint

    before = json_format.loads(file.read_text())
    after = fingerprint(Settings.load(), before["now_ms"], tuple(before["queries"]))
    _tell(list(differences(before, after)), "Searches, timelines and targets are equal.", json)


def _tell(problems: list[str], well: str, json: bool) -> None:
    if json:
        print_json({"equal" if well.startswith("Searches") else "whole": not problems, "problems": problems})
    else:
        out.print("\n".join(problems) or well, markup=False)
    raise typer.Exit(1 if problems else 0)
