"""`riverline targets`: what is to be crawled. Running crawlers pick up a change within seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, replace
from functools import wraps
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Annotated, Any

import typer

from riverline.crawl.addresses import require_contact
from riverline.crawl.contracts import StoredTarget, Targets
from riverline.crawl.site_address import is_address, target_at
from riverline.crawl.target_template import TEMPLATE
from riverline.crawl.targets import target_of, written
from riverline.errors import Fatal, Invalid, NotFound
from riverline.model import Target
from riverline.services import Services, assemble
from riverline.settings import Settings
from riverline.times import rfc3339_seconds
from riverline_commands.console import Json, out, print_json, progress, table
from riverline_crawler.targets import read_targets

Given = dict[str, Any]

app = typer.Typer(help="Adds, changes and lists crawl targets.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="Name of the target; to add one, also just the address of a site.")]
Names = Annotated[list[str], typer.Argument(help="Names of the targets.")]
File = Annotated[Path, typer.Argument(help="JSON or TOML file of targets, such as demo/targets.json.")]
NewFile = Annotated[Path, typer.Argument(help="File to write, such as my-sites.toml.")]
Into = Annotated[Path | None, typer.Argument(help="File to write. Default: the standard output.")]
Kind = Annotated[str | None, typer.Option(help="site, sitemap, feed, search or youtube.")]
Urls = Annotated[list[str] | None, typer.Option("--url", help="Start address; those of a search contain {keyword}.")]
Keywords = Annotated[list[str] | None, typer.Option("--keyword", help="Keep pages that contain it, or search for it.")]
Hosts = Annotated[list[str] | None, typer.Option("--host", help="Host to visit.")]
Paths = Annotated[list[str] | None, typer.Option("--path", help="Prefix of the paths to visit.")]
Rate = Annotated[float | None, typer.Option(help="Most requests per second and host.")]
Concurrency = Annotated[int | None, typer.Option(help="Most requests in flight per host.")]
MaxPages = Annotated[int | None, typer.Option(help="Most addresses to request in a round.")]
Depth = Annotated[int | None, typer.Option(help="Most links to follow from a start address.")]
Interval = Annotated[int | None, typer.Option(help="Seconds between rounds.")]
Priority = Annotated[int | None, typer.Option(help="Higher ones first, -100 to 100.")]
Proxy = Annotated[str | None, typer.Option(help="http://host:port")]
Enabled = Annotated[bool | None, typer.Option("--enable/--disable", help="Crawl it, or not.")]
Rename = Annotated[str | None, typer.Option(help="Another name.")]
Days = Annotated[int, typer.Option(min=1, max=366, help="Look at searches of this many days.")]
Limit = Annotated[int, typer.Option("--limit", "-n", min=1, max=1000, help="How many of the most frequent.")]
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
    """Adds a target, due at once: by name and --url, or by the address of a site alone."""
    alone = is_address(name) and "start_urls" not in given
    _show([_added(target_at(name, given) if alone else target_of({"name": name, **given}))], json)


@app.command()
def init(file: NewFile, json: Json = False) -> None:
    """Writes a file of targets to fill in, with what each field means. Never over a file that is there."""
    try:
        with file.open("x") as new:
            new.write(TEMPLATE)
    except FileExistsError:
        raise Invalid(f"{file} is there already") from None
    print_json({"file": file}) if json else out.print(f"{file}: fill it in, then `riverline targets import {file}`")


@app.command()
@with_fields
def edit(name: Name, given: Given, rename: Rename = None, json: Json = False) -> None:
    """Changes the given fields of a target and keeps the rest. A list is replaced as a whole."""
    targets = _targets()
    changed = asdict(targets.get(name).target) | given | ({"name": rename} if rename else {})
    _show([targets.replace(name, target_of(changed))], json)


@app.command("list")
def list_(json: Json = False) -> None:
    """Lists all targets: when due, crawled by whom, how the last round went."""
    _show(_targets().all(), json)


@app.command()
def remove(names: Names, json: Json = False) -> None:
    """Removes targets. Their pages stay in the index."""
    targets = _targets()
    for name in names:
        targets.remove(name)
    print_json({"removed": names}) if json else out.print(f"removed: {', '.join(names)}", markup=False)


@app.command("import")
def import_(file: File, json: Json = False) -> None:
    """Adds and changes targets from a file. Says which it changed, and in what."""
    wanted = read_targets(file)
    counts = imported(_targets(), wanted, lambda line: progress.print(line, markup=False))
    _warn(wanted)
    print_json(counts) if json else out.print(", ".join(f"{count} {what}" for what, count in counts.items()))


@app.command()
def export(file: Into = None) -> None:
    """Writes all targets in the form that `import` reads."""
    text = written(entry.target for entry in _targets().all())
    if file is None:
        sys.stdout.write(text)
    else:
        file.write_text(text)


@app.command()
def suggest(days: Days = 30, limit: Limit = 20, add_to: Apply = "", json: Json = False) -> None:
    """Lists searches that found nothing: what to crawl next."""
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


def imported(targets: Targets, wanted: Iterable[Target], told: Callable[[str], None]) -> dict[str, int]:
    """Takes targets over. Returns how many were added, changed, and as they were; tells of each that it changes."""
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
            told(f"changed: {target.name} ({', '.join(_differences(held, target))})")
    return counts


def _differences(old: Target, new: Target) -> list[str]:
    """The names of the fields in which two targets differ."""
    held = asdict(old)
    return [name for name, value in asdict(new).items() if held[name] != value]


def suggestions(services: Services, days: int, limit: int) -> list[tuple[str, int]]:
    """Fruitless searches of some days, without those that a target has for a keyword already."""
    services.index.refresh()
    known = {word for entry in services.targets.all() for word in entry.target.keywords}
    since = services.now_ms() - days * 86_400_000
    found = services.index.zero_result_searches(since, limit + len(known))
    return [(word, count) for word, count in found if word not in known][:limit]


def _targets() -> Targets:
    return assemble(Settings.load()).targets


def _added(target: Target) -> StoredTarget:
    entry = _targets().add(target)
    _warn([target])
    return entry


def _warn(targets: Iterable[Target]) -> None:
    """Says at once, and not in a crawler's log, what keeps targets from being crawled."""
    try:
        require_contact(targets, Settings.load().crawl)
    except Fatal as error:
        progress.print(f"the target is kept, but cannot be crawled yet: {error}", style="yellow", markup=False)


def _show(entries: list[StoredTarget], json: bool) -> None:
    if json:
        print_json(entries)
        return
    table(("target", "kind", "start", "rate", "priority", "due", "round"), [_row(entry) for entry in entries])


def _row(entry: StoredTarget) -> tuple[object, ...]:
    target = entry.target
    first = (target.start_urls or target.keywords)[0]
    more = f" and {len(target.start_urls) - 1} more" if len(target.start_urls) > 1 else ""
    return target.name, target.kind, first + more, f"{target.rate:g}/s", target.priority, _due(entry), _round(entry)


def _due(entry: StoredTarget) -> str:
    if not entry.target.enabled:
        return "disabled"
    if entry.worker:
        return f"held by {entry.worker}"
    now = time.time() * 1000
    return "now" if entry.due_at <= now else rfc3339_seconds(entry.due_at)


def _round(entry: StoredTarget) -> str:
    if problem := entry.progress.get("problem"):
        return str(problem)
    shown = ("fetched", "unchanged", "errors", "waiting")
    counted = [f"{entry.progress[name]} {name}" for name in shown if entry.progress.get(name)]
    delay = entry.progress.get("crawl_delay")
    return ", ".join([*counted, *([f"robots.txt asks for {delay:g} s between requests"] if delay else [])])
