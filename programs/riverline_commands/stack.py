"""`riverline stack`: every real server on this machine."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Annotated

import typer

from riverline.errors import Fatal
from riverline.settings import Settings
from riverline_commands.console import ConsoleProgress, Json, duration, gibibytes, mebibytes, out, print_json, table

app = typer.Typer(help="Starts, stops and shows the servers on this machine.", no_args_is_help=True)

Targets = Annotated[Path | None, typer.Option(help="File of targets to crawl first, instead of the demo web.")]
Crawl = Annotated[bool, typer.Option(help="Make a first crawl and show it.")]
Lease = Annotated[
    int | None,
    typer.Option(hidden=True, envvar="STACK_LEASE", help="Id of a process: when it ends, the stack goes down."),
]
Name = Annotated[str, typer.Argument(help="Program, as `riverline stack status` lists it.")]
Follow = Annotated[bool, typer.Option("--follow", "-f", help="Keep showing new lines.")]
Lines = Annotated[int, typer.Option("--lines", "-n", min=0, help="How many of the last lines.")]


@app.command()
def up(targets: Targets = None, crawl: Crawl = True, lease: Lease = None, json: Json = False) -> None:
    """Starts all servers and the topology, and makes a first crawl. Does only what is not done yet."""
    from riverline_commands.first_crawl import FirstCrawl
    from riverline_stack.release.shell import path
    from riverline_stack.up import links, up

    if targets and not targets.is_file():
        raise Fatal(f"there is no file {targets}")
    settings = Settings.load()
    with ConsoleProgress() as progress:
        first = FirstCrawl(settings, progress, targets) if crawl else None
        up(settings, progress, lease, first.crawl if first else lambda: None)
        shown = first.found() if first else []
    if json:
        print_json({"up": True, "links": links(settings), "searches": shown})
        return
    for search in shown:
        table(("", "title", "page"), search.rows(), title=f"\n{search.query}: {search.total} found")
    table(("", ""), links(settings).items(), title="\nAddresses")
    out.print(f"\nTo have `riverline` and `sparse` on the path: source {_from_here(path(settings))}")
    out.print("Riverline is up.")


def _from_here(file: Path) -> Path:
    """The shorter form of a path, where it is below the working folder."""
    here = Path.cwd()
    return file.absolute().relative_to(here) if file.absolute().is_relative_to(here) else file


@app.command()
def down(json: Json = False) -> None:
    """Stops everything that `up` started. Data stay."""
    from riverline_stack.servers.servers import programs
    from riverline_stack.supervision.lifecycle import down

    settings = Settings.load()
    with ConsoleProgress() as progress:
        down(settings, programs(settings), progress)
    if json:
        print_json({"up": False})
    else:
        out.print("Riverline is down.")


@app.command()
def restart(name: Name, json: Json = False) -> None:
    """Stops a program and starts it again. The others go on."""
    from riverline_stack.servers.servers import programs
    from riverline_stack.supervision.lifecycle import restart

    settings = Settings.load()
    with ConsoleProgress() as progress:
        restart(settings, programs(settings), name, progress)
    print_json({"name": name, "ready": True}) if json else out.print(f"{name} is ready.")


@app.command()
def status(json: Json = False) -> None:
    """How each program is: memory, processor time of the last minute in percent of one core, ready or why not.

    The exit code is 1 when one is not ready.
    """
    from riverline_stack.servers.servers import programs
    from riverline_stack.supervision.lifecycle import status

    settings = Settings.load()
    rows = status(settings, programs(settings))
    resident, ready = sum(row.resident for row in rows), all(row.ready for row in rows)
    processor = sum(row.processor or 0.0 for row in rows)
    if json:
        print_json({"ready": ready, "resident": resident, "processor": processor, "programs": rows})
    else:
        shown = [
            (
                row.name,
                row.state,
                row.pid or "",
                duration(row.uptime) if row.pid else "",
                mebibytes(row.resident) if row.pid else "",
                "" if row.processor is None else f"{row.processor:.1%}",
                row.addresses[0] if row.addresses else "",
                "ready" if row.ready else row.why,
            )
            for row in rows
        ]
        table(("program", "state", "pid", "uptime", "resident", "processor", "address", ""), shown)
        out.print(f"\n{gibibytes(resident)} resident, {processor:.1%} of a core in the last minute.")
        out.print("Everything is ready." if ready else "Not everything is ready.")
    raise typer.Exit(0 if ready else 1)


@app.command()
def logs(name: Name, follow: Follow = False, lines: Lines = 50, json: Json = False) -> None:
    """Shows what a program wrote."""
    from riverline_stack.supervision.supervise import log_of, logs_folder

    settings = Settings.load()
    path = log_of(settings, name)
    if not path.exists():
        known = ", ".join(sorted(file.stem for file in logs_folder(settings).glob("*.log")))
        raise Fatal(f"there is no log of {name}. Logs: {known or 'none'}")
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
    """Deletes all data, logs and passwords. Refuses while the stack runs."""
    from riverline_stack.supervision.lifecycle import forget

    forget(Settings.load())
    if json:
        print_json({"clean": True})
    else:
        out.print("All data are deleted.")


@app.command()
def install() -> None:
    """Fetches and compiles what the programs run from. Starts nothing."""
    from riverline_stack.servers.servers import install

    with ConsoleProgress() as progress:
        install(Settings.load(), progress.say)


@app.command()
def prepare() -> None:
    """Brings tables, indices and topics up to date. The servers must run."""
    from riverline_stack.servers.schema import prepare

    with ConsoleProgress() as progress:
        prepare(Settings.load(), progress.say)


@app.command()
def submit() -> None:
    """Submits the topology, unless it runs as the sources and settings say. Nimbus must run."""
    from riverline_stack.release import topology
    from riverline_stack.supervision.lifecycle import alone

    settings = Settings.load()
    with alone(settings), ConsoleProgress() as progress:
        topology.submit(settings, topology.build(settings, progress.say), progress.say)


@app.command("first-crawl")
def first_crawl(targets: Targets = None) -> None:
    """Crawls the demo web, or the targets, waits until every page has its fate, and searches. All must run."""
    from riverline_commands import first_crawl as crawling

    settings = Settings.load()
    (settings.home / "run").mkdir(parents=True, exist_ok=True)
    with ConsoleProgress() as progress:
        found = crawling.first_crawl(settings, progress, targets)
    for search in found:
        table(("", "title", "page"), search.rows(), title=f"\n{search.query}: {search.total} found")


@app.command()
def run(name: Name) -> None:
    """Becomes the program, for another supervisor such as systemd."""
    from riverline_stack.supervision.run_one import become

    become(Settings.load(), name)


@app.command()
def wait(name: Name, within: Annotated[float, typer.Option(help="Seconds.")] = 300) -> None:
    """Waits until the program is ready. Exit code 1 if it is not ready in time."""
    from riverline_stack.supervision.run_one import wait

    wait(Settings.load(), name, within)
