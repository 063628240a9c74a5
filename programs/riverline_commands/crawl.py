"""`riverline crawl`: crawls an address, or the targets of a file, into Kafka; `riverline crawl run`: those of MySQL,
and goes on."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer
from typer.core import TyperGroup

from riverline.adapters.kafka.topics import ensure_topics
from riverline.crawl.addresses import require_contact, visited_hosts
from riverline.crawl.site_address import is_address, target_at
from riverline.errors import Transient
from riverline.model import Target
from riverline.pipeline.contracts import PageLog, topic_of
from riverline.services import assemble
from riverline.settings import Settings
from riverline_commands.console import Json, print_json
from riverline_commands.crawl_report import exit_code, print_report, said_while
from riverline_commands.crawl_run import run, shared_turns
from riverline_crawler.run import crawl as run_crawl
from riverline_crawler.targets import load_targets

PATIENCE = 300.0  # seconds without a further record committed
FIRST_PAGES = 500  # of an address that is crawled for a try


class AddressOrCommand(TyperGroup):
    """`riverline crawl ADDRESS` is `riverline crawl site ADDRESS`."""

    def parse_args(self, ctx: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        named = next((arg for arg in args if not arg.startswith("-")), "")
        address = any(arg.lower().startswith(("http://", "https://")) for arg in args) or is_address(named)
        if address and named not in self.commands and not {"-t", "--targets"} & set(args):
            args = ["site", *args]
        return super().parse_args(ctx, args)


app = typer.Typer(
    help="Crawls an address, the targets of a file, or the kept targets.",
    invoke_without_command=True,
    cls=AddressOrCommand,
)
app.command("run")(run)

Addresses = Annotated[list[str], typer.Argument(help="Start address, such as https://example.org")]
Targets = Annotated[Path | None, typer.Option(help="JSON file of targets, such as demo/targets.json.")]
Wait = Annotated[bool, typer.Option("--wait", help="Also wait until the topology has committed every record.")]
MaxPages = Annotated[int, typer.Option(min=1, help="Most addresses to request.")]
Depth = Annotated[int, typer.Option(min=0, help="Most links to follow from the address.")]
Rate = Annotated[float, typer.Option(help="Most requests per second and host.")]
Paths = Annotated[list[str] | None, typer.Option("--path", help="Prefix of the paths to visit.")]
Keywords = Annotated[list[str] | None, typer.Option("--keyword", help="Keep only pages that contain this.")]
Proxy = Annotated[str, typer.Option(help="http://host:port")]
Contact = Annotated[
    str, typer.Option(help="E-mail or web address for the site's owner. Default: RIVERLINE_CRAWL__CONTACT.")
]


@app.callback()
def crawl(context: typer.Context, targets: Targets = None, wait: Wait = False, json: Json = False) -> None:
    """Crawls an address, or the targets of a file, into Kafka. Ctrl-C finishes what is in flight and ends.

    The exit code is 0 when all went well, 1 when nothing was fetched, 3 when some targets failed.
    """
    if context.invoked_subcommand:
        return
    if targets is None:
        raise typer.BadParameter(
            "give an address, or --targets with a file; `riverline crawl run` crawls the kept targets"
        )
    _crawl(Settings.load(), load_targets(targets), wait, json)


@app.command()
def site(
    addresses: Addresses,
    depth: Depth = 20,
    max_pages: MaxPages = FIRST_PAGES,
    rate: Rate = 1.0,
    path: Paths = None,
    keyword: Keywords = None,
    proxy: Proxy = "",
    contact: Contact = "",
    wait: Wait = False,
    json: Json = False,
) -> None:
    """Crawls sites once, each with and without `www.`: riverline crawl https://example.org

    The exit code is 0 when all went well, 1 when nothing was fetched, 3 when some sites failed.
    """
    limits = {"depth": depth, "max_pages": max_pages, "rate": rate, "proxy": proxy}
    wanted = {"allowed_paths": tuple(path or ()), "keywords": tuple(keyword or ()), **limits}
    settings = Settings.load()
    if contact:
        settings = settings.model_copy(update={"crawl": settings.crawl.model_copy(update={"contact": contact})})
    _crawl(settings, [_named(target_at(address, wanted)) for address in dict.fromkeys(addresses)], wait, json)


def _named(target: Target) -> Target:
    """A report calls it by its address."""
    return replace(target, name=target.start_urls[0])


def _crawl(settings: Settings, targets: list[Target], wait: bool, json: bool) -> None:
    """Crawls, says how it went, and ends the command with the code that says it."""
    require_contact(targets, settings.crawl)
    ensure_topics(settings, {topic_of(host) for target in targets for host in visited_hosts(target, settings.crawl)})
    services = assemble(settings)
    log = services.log
    with said_while(json) as show:
        report = run_crawl(targets, settings.crawl, log, show, shared_turns(services))
        if wait and report.topics:
            wait_for_commits(log, sorted(report.topics))
    log.close()
    if json:
        print_json(report.plain())
    print_report(report, targets, json)
    raise typer.Exit(exit_code(report, targets))


def wait_for_commits(log: PageLog, topics: Sequence[str], patience: float = PATIENCE) -> None:
    """Returns when the topology has committed all that the topics hold now. Raises Transient when nothing moves."""
    ends = {place: end for place, (first, end) in log.ends(topics).items() if end > first}
    before, moved = -1, time.monotonic()
    while (open_ := _uncommitted(log, topics, ends)) > 0:
        if open_ != before:
            before, moved = open_, time.monotonic()
        if time.monotonic() - moved > patience:
            raise Transient(f"{open_} records are not committed, and none has been for {patience:.0f} s")
        time.sleep(0.5)


def _uncommitted(log: PageLog, topics: Sequence[str], ends: dict[tuple[str, int], int]) -> int:
    committed, firsts = log.committed(topics), log.ends(topics)
    return sum(max(0, end - max(committed.get(place, 0), firsts[place][0])) for place, end in ends.items())
