"""`riverline crawl run`: crawls the targets that are kept in MySQL as they come due."""

from __future__ import annotations

import os
import socket
import time
import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from json import dumps
from typing import Annotated

import typer
from rich.live import Live
from rich.table import Table

from commands.console import progress
from crawler.counts import Report
from crawler.courtesy import ROBOTS_SECONDS
from crawler.metrics import Gauges, serve
from crawler.politeness import FIRST_PAUSE, MAX_PAUSE
from crawler.robots import product_token
from crawler.rounds import Round
from crawler.turns import SharedTurns, Turns
from riverline.assembly import assemble
from riverline.settings import Settings
from riverline.stores.redis_cluster import RedisCluster
from riverline.stores.redis_courtesy import RedisCourtesy

Shown = Callable[[Report, list[Round]], None]
SHOWN = 30
LINE_SECONDS = 5.0  # between two lines of --json
REDIS_SECONDS = 1.0  # for a reply

Number = Annotated[int, typer.Option(min=1, max=32, help="Which of several crawlers; it serves metrics at its port.")]
Once = Annotated[bool, typer.Option("--once", help="End when every target that is due has been crawled once.")]
Again = Annotated[bool, typer.Option("--again", help="Ask for every known page, not only for those that are due.")]
Json = Annotated[bool, typer.Option("--json", help="Lines of JSON: how far rounds are, and at last the whole report.")]
Metrics = Annotated[bool, typer.Option(help="Serve metrics at the address that the settings name.")]


def run(
    number: Number = 1, once: Once = False, again: Again = False, metrics: Metrics = True, json: Json = False
) -> None:
    """Crawls the targets that are kept, as they come due, together with other crawlers. Ctrl-C finishes what is in
    flight; whoever crawls next goes on where this one was."""
    from crawler.service import Plan, Service

    settings = Settings.load()
    services = assemble(settings)
    gauges = Gauges()
    if metrics:
        serve(settings.crawl.metrics, number)
    worker = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    with _shown(json) as show:

        def tell(report: Report, rounds: list[Round]) -> None:
            gauges.set(report, rounds)
            show(report, rounds)

        plan = Plan(worker, once, again)
        report = Service(settings, services.targets, services.log, shared_turns(settings), plan, tell).run()
    services.log.close()
    if json:
        _line(report.plain())


def shared_turns(settings: Settings) -> Turns:
    """Turns at hosts that all crawlers of this Redis Cluster share."""
    cluster = RedisCluster(settings.redis.nodes, REDIS_SECONDS)
    courtesy = RedisCourtesy(cluster, FIRST_PAUSE, MAX_PAUSE, ROBOTS_SECONDS)
    return SharedTurns(courtesy, product_token(settings.crawl.user_agent), quota=settings.crawl.youtube_quota)


def _shown(json: bool) -> AbstractContextManager[Shown]:
    """What is crawled: a line of JSON each LINE_SECONDS, or a table on a terminal."""
    if json:
        return nullcontext(_Lines())
    return _Board() if progress.is_terminal else nullcontext(lambda report, rounds: None)


class _Lines:
    """`at`, and of each round that goes on its `progress`."""

    def __init__(self) -> None:
        self._next_at = time.monotonic()

    def __call__(self, report: Report, rounds: list[Round]) -> None:
        if time.monotonic() < self._next_at:
            return
        self._next_at = time.monotonic() + LINE_SECONDS
        targets = {round_.target.name: round_.progress(report.of(round_.target.name)) for round_ in rounds}
        _line({"at": datetime.now(UTC).isoformat(timespec="seconds"), "waiting": report.waiting, "targets": targets})


def _line(value: dict[str, object]) -> None:
    print(dumps(value, ensure_ascii=False), flush=True)


class _Board:
    def __init__(self) -> None:
        self._live = Live(console=progress, transient=True, auto_refresh=False)

    def __enter__(self) -> Shown:
        self._live.start()
        return lambda report, rounds: self._live.update(board(report, rounds), refresh=True)

    def __exit__(self, *_: object) -> None:
        self._live.stop()


def board(report: Report, rounds: list[Round]) -> Table:
    """The rounds that go on: what they have asked for, how fast, what still waits."""
    shown = Table(box=None, pad_edge=False, header_style="bold", title=time.strftime("%H:%M:%S"), title_justify="left")
    names = ("requested", "rate", "acknowledged", "unchanged", "waiting", "refused", "errors")
    for column in ("target", *names):
        shown.add_column(column)
    for round_ in rounds[:SHOWN]:
        now = round_.progress(report.of(round_.target.name))
        shown.add_row(round_.target.name, *(str(now[name]) for name in names))
    return shown
