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

from riverline.adapters.redis.host_scheduler import RedisHostScheduler
from riverline.crawl.robots import product_token
from riverline.services import Services, assemble
from riverline.settings import Settings
from riverline_commands.console import progress
from riverline_crawler.metrics import Gauges, serve
from riverline_crawler.scheduling.crawl_rounds import Round
from riverline_crawler.scheduling.host_leases import HostLeases, SharedHostLeases
from riverline_crawler.scheduling.host_scheduler import ROBOTS_SECONDS
from riverline_crawler.scheduling.pace import FIRST_PAUSE, MAX_PAUSE
from riverline_crawler.stats import Report

Shown = Callable[[Report, list[Round]], None]
SHOWN = 30
LINGER = 0.3  # seconds that a page may wait for others: each request costs the brokers more than a page in it
LINE_SECONDS = 5.0  # between two lines of --json

Number = Annotated[int, typer.Option(min=1, max=32, help="Number of this crawler, from 1; its metrics' port follows.")]
Once = Annotated[bool, typer.Option("--once", help="End after every due target has been crawled once.")]
Again = Annotated[bool, typer.Option("--again", help="Request every known page, not only those that are due.")]
Json = Annotated[bool, typer.Option("--json", help="Print lines of JSON: progress, and finally the report.")]
Metrics = Annotated[bool, typer.Option(help="Serve metrics at RIVERLINE_CRAWL__METRICS.")]


def run(
    number: Number = 1, once: Once = False, again: Again = False, metrics: Metrics = True, json: Json = False
) -> None:
    """Crawls the kept targets as they come due, together with other crawlers. Ctrl-C finishes what is in flight; the
    next crawler continues from there."""
    from riverline_crawler.service import CrawlPlan, Service

    settings = Settings.load()
    services = assemble(settings, linger=LINGER)
    gauges = Gauges()
    if metrics:
        serve(settings.crawl.metrics, number)
    worker = f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}"
    with _shown(json) as show:

        def tell(report: Report, rounds: list[Round]) -> None:
            gauges.set(report, rounds)
            show(report, rounds)

        plan = CrawlPlan(worker, once, again)
        report = Service(settings, services.targets, services.log, shared_turns(services), plan, tell).run()
    services.log.close()
    if json:
        _line(report.plain())


def shared_turns(services: Services) -> HostLeases:
    """Turns at hosts that all crawlers of this Redis Cluster share."""
    wanted = services.settings.crawl
    scheduler = RedisHostScheduler(services.redis, FIRST_PAUSE, MAX_PAUSE, ROBOTS_SECONDS)
    return SharedHostLeases(scheduler, product_token(wanted.user_agent), quota=wanted.youtube_quota)


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
