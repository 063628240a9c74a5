"""`riverline targets`: what is to be crawled. Crawlers that run take a change over within seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any

import typer

from commands.console import Json, out, print_json, table
from crawler.targets import read_targets
from riverline.assembly import Services, assemble
from riverline.crawling.ports import Entry, Targets
from riverline.crawling.targets import target_of, written
from riverline.errors import NotFound
from riverline.model import Target
from riverline.settings import Settings

Given = dict[str, Any]

app = typer.Typer(help="What is to be crawled.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="The target's name.")]
Names = Annotated[list[str], typer.Argument(help="Names of targets.")]
File = Annotated[Path, typer.Argument(help="A JSON file of targets, such as demo/targets.json.")]
Into = Annotated[Path | None, typer.Argument(help="The file to write; without one, the standard output.")]
Kind = Annotated[str | None, typer.Option(help="site, sitemap, feed, search or youtube.")]
Urls = Annotated[list[str] | None, typer.Option("--url", help="A start address; {keyword} in those of a search.")]
Keywords = Annotated[list[str] | None, typer.Option("--keyword", help="Keep pages that contain it, or search for it.")]
Hosts = Annotated[list[str] | None, typer.Option("--host", help="A host that may be visited.")]
Paths = Annotated[list[str] | None, typer.Option("--path", help="The beginning of paths that may be visited.")]
Rate = Annotated[float | None, typer.Option(help="Requests a second and host, at most.")]
Concurrency = Annotated[int | None, typer.Option(help="Requests in flight a host, at most.")]
MaxPages = Annotated[int | None, typer.Option(help="Addresses asked for in a round, at most.")]
Depth = Annotated[int | None, typer.Option(help="Links from a start address, at most.")]
Interval = Annotated[int | None, typer.Option(help="Seconds between two rounds.")]
Priority = Annotated[int | None, typer.Option(help="The higher one first: -100 to 100.")]
Proxy = Annotated[str | None, typer.Option(help="http://host:port")]
Enabled = Annotated[bool | None, typer.Option("--enable/--disable", help="Whether it is crawled.")]
Rename = Annotated[str | None, typer.Option(help="Another name.")]
Days = Annotated[int, typer.Option(min=1, max=366, help="Searches of so many days.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="So many of the most frequent.")]
Apply = Annotated[str, typer.Option("--add-to", help="Add them to the keywords of this target.")]


def fields(
    url: Urls = None,
    kind: Kind = None,
    keyword: Keywords = None,
    host: Hosts = None,
    path: Paths = None,
    rate: Rate = None,
    concurrency: Concurrency = None,
    max_pages: MaxPages = None,
    depth: Depth = None,
    interval: Interval = None,
    priority: Priority = None,
    proxy: Proxy = None,
    enabled: Enabled = None,
) -> dict[str, Any]:
    """The fields that are given on the command line."""
    lists = {"start_urls": url, "keywords": keyword, "allowed_hosts": host, "allowed_paths": path}
    limits = {"rate": rate, "concurrency": concurrency, "max_pages": max_pages, "depth": depth, "interval": interval}
    given = {"kind": kind, **lists, **limits, "priority": priority, "proxy": proxy, "enabled": enabled}
    return {name: value for name, value in given.items() if value is not None}


def with_fields(command: Callable[..., None]) -> Callable[..., None]:
    """A command whose parameter `given` is made of the options of `fields`."""
    own, more = (signature(function, eval_str=True).parameters for function in (command, fields))

    @wraps(command)
    def called(**options: Any) -> None:
        command(given=fields(**{name: options.pop(name) for name in more}), **options)

    taken = [parameter for name, parameter in own.items() if name != "given"]
    parameters = [each.replace(kind=Parameter.KEYWORD_ONLY) for each in (*taken, *more.values())]
    called.__signature__ = Signature(parameters)  # type: ignore[attr-defined]
    called.__annotations__ = {each.name: each.annotation for each in parameters}
    return called


@app.command()
@with_fields
def add(name: Name, given: Given, json: Json = False) -> None:
    """Adds a target; it is due at once."""
    _show([_targets().add(target_of({"name": name, **given}))], json)


@app.command()
@with_fields
def edit(name: Name, given: Given, rename: Rename = None, json: Json = False) -> None:
    """Changes what is given of a target and leaves the rest; a list is replaced whole."""
    targets = _targets()
    changed = asdict(targets.get(name).target) | given | ({"name": rename} if rename else {})
    _show([targets.replace(name, target_of(changed))], json)


@app.command("list")
def list_(json: Json = False) -> None:
    """All targets: when they are due, who crawls them, how their last round went."""
    _show(_targets().all(), json)


@app.command()
def remove(names: Names, json: Json = False) -> None:
    """Removes targets. Pages that were indexed stay."""
    targets = _targets()
    for name in names:
        targets.remove(name)
    print_json({"removed": names}) if json else out.print(f"removed: {', '.join(names)}", markup=False)


@app.command("import")
def import_(file: File, json: Json = False) -> None:
    """Takes the targets of a file over: new ones are added, those that differ are changed."""
    counts = imported(_targets(), read_targets(file))
    print_json(counts) if json else out.print(", ".join(f"{count} {what}" for what, count in counts.items()))


@app.command()
def export(file: Into = None) -> None:
    """Writes all targets as `import` reads them."""
    text = written(entry.target for entry in _targets().all())
    if file is None:
        sys.stdout.write(text)
    else:
        file.write_text(text)


@app.command()
def suggest(days: Days = 30, limit: Limit = 20, add_to: Apply = "", json: Json = False) -> None:
    """Keywords that people searched for and that found nothing: what to crawl next."""
    services = assemble(Settings.load())
    words = suggestions(services, days, limit)
    if add_to:
        old = services.targets.get(add_to).target
        more = tuple(word for word, _ in words if word not in old.keywords)
        services.targets.replace(add_to, target_of(asdict(replace(old, keywords=old.keywords + more))))
    if json:
        print_json([{"keyword": word, "searches": count} for word, count in words])
    else:
        table(("keyword", "searches without a result"), words)


def imported(targets: Targets, wanted: Iterable[Target]) -> dict[str, int]:
    """Takes targets over. Returns how many were added, changed, and as they were."""
    counts = {"added": 0, "changed": 0, "unchanged": 0}
    for target in wanted:
        try:
            held = targets.get(target.name).target
        except NotFound:
            targets.add(target)
            counts["added"] += 1
            continue
        if held == target:
            counts["unchanged"] += 1
        else:
            targets.replace(target.name, target)
            counts["changed"] += 1
    return counts


def suggestions(services: Services, days: int, limit: int) -> list[tuple[str, int]]:
    """Fruitless searches of some days, without those that a target has for a keyword already."""
    services.index.refresh()
    known = {word for entry in services.targets.all() for word in entry.target.keywords}
    since = services.now_ms() - days * 86_400_000
    found = services.index.fruitless(since, limit + len(known))
    return [(word, count) for word, count in found if word not in known][:limit]


def _targets() -> Targets:
    return assemble(Settings.load()).targets


def _show(entries: list[Entry], json: bool) -> None:
    if json:
        print_json(entries)
        return
    table(("target", "kind", "start", "rate", "priority", "due", "round"), [_row(entry) for entry in entries])


def _row(entry: Entry) -> tuple[object, ...]:
    target = entry.target
    first = (target.start_urls or target.keywords)[0]
    more = f" and {len(target.start_urls) - 1} more" if len(target.start_urls) > 1 else ""
    return target.name, target.kind, first + more, f"{target.rate:g}/s", target.priority, _due(entry), _round(entry)


def _due(entry: Entry) -> str:
    if not entry.target.enabled:
        return "disabled"
    if entry.worker:
        return f"held by {entry.worker}"
    now = time.time() * 1000
    return "now" if entry.due_at <= now else f"{datetime.fromtimestamp(entry.due_at / 1000, UTC):%Y-%m-%d %H:%M} UTC"


def _round(entry: Entry) -> str:
    shown = ("fetched", "unchanged", "errors", "waiting")
    return ", ".join(f"{entry.progress[name]} {name}" for name in shown if entry.progress.get(name))
