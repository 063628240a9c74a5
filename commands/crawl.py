"""`riverline crawl`: crawls the targets of a file into Kafka; `riverline crawl run`: those of MySQL, and goes on."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.live import Live
from rich.text import Text

from commands.console import Json, out, print_json, progress, table
from commands.crawl_run import run, shared_turns
from crawler.addresses import visited_hosts
from crawler.counts import Counts, Report
from crawler.run import crawl as run_crawl
from crawler.targets import load_targets
from riverline.assembly import assemble
from riverline.errors import Transient
from riverline.model import Target
from riverline.settings import Settings
from riverline.stores.contracts import PageLog, topic_of
from riverline.stores.kafka_topics import ensure_topics

PATIENCE = 300.0  # seconds without a further record committed
TARGETS_SHOWN = 30

app = typer.Typer(help="Crawls the targets of a file, or those that are kept.", invoke_without_command=True)
app.command("run")(run)

Targets = Annotated[Path | None, typer.Option(help="A JSON file of targets, such as demo/targets.json.")]
Wait = Annotated[bool, typer.Option("--wait", help="Also wait until the topology has committed every record.")]


@app.callback()
def crawl(context: typer.Context, targets: Targets = None, wait: Wait = False, json: Json = False) -> None:
    """Crawls the targets of a file into Kafka. Ctrl-C finishes what is in flight and ends."""
    if context.invoked_subcommand:
        return
    if targets is None:
        raise typer.BadParameter("a file of targets is needed; `riverline crawl run` crawls those that are kept")
    settings = Settings.load()
    loaded = load_targets(targets)
    ensure_topics(settings, {topic_of(host) for target in loaded for host in visited_hosts(target, settings.crawl)})
    log = assemble(settings).log
    with _line(json) as show:
        report = run_crawl(loaded, settings.crawl, log, show, shared_turns(settings))
        if wait and report.topics:
            wait_for_commits(log, sorted(report.topics))
    log.close()
    if json:
        print_json(report.plain())
    else:
        _print(report, loaded)


def wait_for_commits(log: PageLog, topics: Sequence[str], patience: float = PATIENCE) -> None:
    """Returns when the topology has committed all that the topics hold now. Raises Transient when nothing moves."""
    ends = {place: end for place, (first, end) in log.ends(topics).items() if end > first}
    before, moved = -1, time.monotonic()
    while (open_ := _uncommitted(log, topics, ends)) > 0:
        if open_ != before:
            before, moved = open_, time.monotonic()
        if time.monotonic() - moved > patience:
            raise Transient(f"{open_} records are not committed, and none was for {patience:.0f} s")
        time.sleep(0.5)


def _uncommitted(log: PageLog, topics: Sequence[str], ends: dict[tuple[str, int], int]) -> int:
    committed, firsts = log.committed(topics), log.ends(topics)
    return sum(max(0, end - max(committed.get(place, 0), firsts[place][0])) for place, end in ends.items())


def _line(json: bool) -> AbstractContextManager[Callable[[Report], None]]:
    """A line on the terminal that says how far the crawl is; nothing where there is no terminal."""
    if json or not progress.is_terminal:
        return nullcontext(lambda report: None)
    return _Line()


class _Line:
    """The line of progress."""

    def __init__(self) -> None:
        self._live = Live(Text("starting"), console=progress, transient=True, auto_refresh=False)

    def __enter__(self) -> Callable[[Report], None]:
        self._live.start()
        return lambda report: self._live.update(Text(_so_far(report)), refresh=True)

    def __exit__(self, *_: object) -> None:
        self._live.stop()


def _so_far(report: Report) -> str:
    total = report.total
    rate = total.fetched / report.seconds if report.seconds else 0.0
    return (
        f"{total.fetched} pages ({rate:.0f}/s), {total.acknowledged} in Kafka, {report.waiting} waiting, "
        f"{sum(total.refused.values())} refused, {sum(total.errors.values())} errors, {report.seconds:.0f} s"
    )


def _print(report: Report, targets: Sequence[Target]) -> None:
    columns = ("target", "pages", "in Kafka", "not asked for", "other answers", "errors")
    shown = targets if len(targets) <= TARGETS_SHOWN else ()
    rows = [(target.name, *_cells(report.of(target.name))) for target in shown]
    table(columns, [*rows, (f"{len(targets)} targets", *_cells(report.total))])
    ended = "" if report.reason == "finished" else ", ended early"
    out.print(f"\n{len(report.topics)} topics, {report.seconds:.1f} s{ended}", markup=False)


def _cells(counts: Counts) -> tuple[str, ...]:
    tables = (counts.refused, counts.answers, counts.errors)
    named = (", ".join(f"{count} {name}" for name, count in sorted(one.items())) for one in tables)
    return (str(counts.fetched), str(counts.acknowledged), *named)
