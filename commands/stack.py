"""`riverline stack`: every real server on this machine."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated

import typer

from commands.console import ConsoleProgress, Json, duration, gibibytes, mebibytes, out, print_json, table
from riverline.errors import Fatal
from riverline.settings import Settings

app = typer.Typer(help="Starts, stops and shows the servers of this machine.", no_args_is_help=True)

Targets = Annotated[Path | None, typer.Option(help="A file of targets to crawl first, in place of the demo web.")]
Crawl = Annotated[bool, typer.Option(help="Whether a first crawl is made and shown.")]
Lease = Annotated[int | None, typer.Option(hidden=True, help="A process: when it ends, the stack goes down.")]
Name = Annotated[str, typer.Argument(help="A program as `riverline stack status` names it.")]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Goes on with what is written.")]
Lines = Annotated[int, typer.Option("--lines", "-n", min=0, help="So many of the last lines.")]


@app.command()
def up(targets: Targets = None, crawl: Crawl = True, lease: Lease = None, json: Json = False) -> None:
    """Starts all servers and the topology, and makes a first crawl; does only what is not done yet."""
    from commands.first_crawl import first_crawl
    from stack.up import links, up

    if targets and not targets.is_file():
        raise Fatal(f"there is no file {targets}")
    settings = Settings.load()
    with ConsoleProgress() as progress:
        up(settings, progress, lease)
        shown = first_crawl(settings, progress, targets) if crawl else []
    if json:
        print_json({"up": True, "links": links(settings), "searches": shown})
        return
    for search in shown:
        table(("", "title", "page"), search.rows(), title=f"\n{search.query}: {search.total} found")
    table(("", ""), links(settings).items(), title="\nAddresses")
    out.print("\nRiverline is up.")


@app.command()
def down(json: Json = False) -> None:
    """Stops everything that `up` started. The data stay."""
    from stack.lifecycle import down
    from stack.servers import programs

    settings = Settings.load()
    with ConsoleProgress() as progress:
        down(settings, programs(settings), progress)
    if json:
        print_json({"up": False})
    else:
        out.print("Riverline is down.")


@app.command()
def status(json: Json = False) -> None:
    """How each program is; the exit code is 1 when one is not ready."""
    from stack.lifecycle import status
    from stack.servers import programs

    settings = Settings.load()
    rows = status(settings, programs(settings))
    resident, ready = sum(row.resident for row in rows), all(row.ready for row in rows)
    if json:
        print_json({"ready": ready, "resident": resident, "programs": rows})
    else:
        shown = [
            (
                row.name,
                row.state,
                row.pid or "",
                duration(row.uptime) if row.pid else "",
                mebibytes(row.resident) if row.pid else "",
                row.addresses[0] if row.addresses else "",
                "ready" if row.ready else row.why,
            )
            for row in rows
        ]
        table(("program", "state", "pid", "uptime", "resident", "address", ""), shown)
        out.print(f"\n{gibibytes(resident)} resident. " + ("All is ready." if ready else "Not all is ready."))
    raise typer.Exit(0 if ready else 1)


@app.command()
def logs(name: Name, follow: Follow = False, lines: Lines = 50, json: Json = False) -> None:
    """What a program wrote."""
    from stack.supervise import log_of, logs_folder

    settings = Settings.load()
    path = log_of(settings, name)
    if not path.exists():
        known = ", ".join(sorted(file.stem for file in logs_folder(settings).glob("*.log")))
        raise Fatal(f"there is no log of {name}; there are: {known or 'none'}")
    with path.open(errors="replace") as file:
        last = file.readlines()[-lines:] if lines else []
        if json:
            print_json({"name": name, "path": path, "lines": [line.rstrip("\n") for line in last]})
            return
        out.print("".join(last), end="", markup=False)
        while follow:
            written = file.read()
            if written:
                out.print(written, end="", markup=False)
            elif path.stat().st_ino != os.fstat(file.fileno()).st_ino:
                file = path.open(errors="replace")
            else:
                time.sleep(0.3)


@app.command("clean-data")
def clean_data(json: Json = False) -> None:
    """Forgets all data, logs and passwords. Refuses while the stack runs."""
    from stack.lifecycle import forget

    forget(Settings.load())
    if json:
        print_json({"clean": True})
    else:
        out.print("All data are gone.")


@app.command()
def install() -> None:
    """Fetches and compiles what the programs run from, and starts nothing; does only what is not done yet."""
    from stack.servers import install

    with ConsoleProgress() as progress:
        install(Settings.load(), progress.say)


@app.command()
def prepare() -> None:
    """Brings tables, indices and topics to their newest form; the servers must run."""
    from stack.schema import prepare

    with ConsoleProgress() as progress:
        prepare(Settings.load(), progress.say)


@app.command()
def run(name: Name) -> None:
    """Becomes the program: for another supervisor than the stack's own, such as systemd."""
    from stack.alone import become

    become(Settings.load(), name)


@app.command()
def wait(name: Name, within: Annotated[float, typer.Option(help="Seconds.")] = 300) -> None:
    """Waits until the program is ready. Exit code 1 when it is not by then."""
    from stack.alone import wait

    wait(Settings.load(), name, within)
