"""A crawler that goes on: takes targets that are due, crawls their rounds side by side, lets them go.

What it holds it renews; what was changed, disabled or taken away is let go, and taken again as it is then. While MySQL
is away a target is crawled on as long as nobody else can have taken it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import structlog
from scrapy import signals
from scrapy.exceptions import DontCloseSpider

from crawler.addresses import require_contact, visited_hosts
from crawler.counts import Counts, Report
from crawler.job import Job
from crawler.resolver import PublicResolver
from crawler.rounds import Round, Rounds
from crawler.run import process_of
from crawler.turns import Turns
from riverline.crawling.ports import LEASE_SECONDS, Entry, Targets
from riverline.errors import RiverlineError, Transient
from riverline.settings import Settings
from riverline.stores.contracts import PageLog

TURN_SECONDS = 1.0  # between two looks at what is due and what has ended
RENEW_SECONDS = 5.0  # a change of a target is seen within this
HOLD_SECONDS = LEASE_SECONDS - 10.0  # without a renewal: then a target is let go, before another may take it
CHECK_SECONDS = 3_600.0  # until a target that cannot be crawled is looked at again

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """How the service runs. `once`: it ends when nothing is due; `again`: every known page is asked for."""

    worker: str
    once: bool = False
    again: bool = False


class Service:
    """One crawler process. `progress` is called every turn."""

    def __init__(
        self,
        settings: Settings,
        targets: Targets,
        pages: PageLog,
        turns: Turns,
        plan: Plan,
        progress: Callable[[Report, list[Round]], None] = lambda _report, _rounds: None,
    ) -> None:
        self._settings, self._targets, self._plan, self._progress = settings, targets, plan, progress
        self._books = Rounds(settings.home / "crawl")
        self._job = Job.of((), settings.crawl, pages, self._books, turns, endless=True)
        self._books.frontier = self._job.frontier
        self._renewed_at = 0.0
        self._owed: list[tuple[int, float, dict[str, object]]] = []  # targets that MySQL still counts as held
        self._done: set[int] = set()  # of a run that takes each target once
        self._begun = time.monotonic()

    def run(self) -> Report:
        """Crawls until SIGINT or SIGTERM, or, with `once`, until nothing is due. Once a process."""
        process = process_of(self._job)
        (crawler,) = process.crawlers
        crawler.signals.connect(self._stay, signal=signals.spider_idle)
        crawler.signals.connect(self._start, signal=signals.engine_started)
        self._crawler: Any = crawler
        process.start()
        with contextlib.suppress(Transient):
            self._job.log.flush()
        for name in list(self._books.rounds):
            self._let_go(name)
        return self._report()

    def _stay(self) -> None:
        raise DontCloseSpider

    def _start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._go_on())

    async def _go_on(self) -> None:
        while self._crawler.crawling:
            try:
                await self._turn()
            except Transient as error:
                log.warning("targets cannot be asked for", error=str(error))
            except Exception:
                log.exception("a turn failed")
            self._progress(self._report(), list(self._books.rounds.values()))
            if self._plan.once and self._done and not self._books.rounds and not self._owed:
                self._job.report.reason = "finished"
                await self._crawler.stop_async()
                return
            await asyncio.sleep(TURN_SECONDS)

    async def _turn(self) -> None:
        if time.monotonic() - self._renewed_at >= RENEW_SECONDS:
            await self._renew()
        await self._settle()
        for name, round_ in list(self._books.rounds.items()):
            if not round_.open:
                await self._end(name, round_)
        room = self._settings.crawl.rounds - len(self._books.rounds)
        if room > 0:
            await self._claim(room)

    async def _claim(self, room: int) -> None:
        entries = await asyncio.to_thread(self._targets.claim, self._plan.worker, room)
        for entry in entries:
            if self._plan.once and entry.id in self._done:
                await self._release(entry.id, float(entry.target.interval), dict(entry.progress))
            else:
                await self._begin(entry)
        if not entries and self._plan.once:
            self._done.add(0)

    async def _begin(self, entry: Entry) -> None:
        target = entry.target
        try:
            require_contact((target,), self._settings.crawl)
            PublicResolver.trust(visited_hosts(target, self._settings.crawl), (self._job.proxy_of(target),))
            self._job.report.targets.pop(target.name, None)
            round_ = self._books.begin(entry, time.monotonic(), self._plan.again)
        except RiverlineError as error:
            log.warning("a target cannot be crawled", target=target.name, error=str(error))
            await self._release(entry.id, CHECK_SECONDS, {"problem": str(error)})
            self._done.add(entry.id)
            return
        log.info("a round begins", target=target.name, addresses=round_.open)
        self._crawler.engine.scheduler.wake()

    async def _end(self, name: str, round_: Round) -> None:
        progress = round_.progress(self._counts(name))
        self._books.let_go(name, ended=True)
        self._done.add(round_.entry.id)
        log.info("a round ended", target=name, **progress, reasons=self._counts(name).reasons())
        await self._release(round_.entry.id, float(round_.target.interval), progress)

    async def _release(self, id_: int, due_in: float, progress: dict[str, object]) -> None:
        self._owed.append((id_, due_in, progress))
        await self._settle()

    async def _settle(self) -> None:
        """Lets go what has ended, also what could not be let go while MySQL was away. Raises Transient."""
        while self._owed:
            id_, due_in, progress = self._owed[0]
            await asyncio.to_thread(self._targets.release, self._plan.worker, [id_], due_in, progress)
            self._owed.pop(0)

    async def _renew(self) -> None:
        """Holds what is held; lets go what is not ours any more, or was changed."""
        rounds = {round_.entry.id: (name, round_) for name, round_ in self._books.rounds.items()}
        progress = {id_: round_.progress(self._counts(name)) for id_, (name, round_) in rounds.items()}
        try:
            held = await asyncio.to_thread(self._targets.renew, self._plan.worker, progress)
        except Transient:
            if time.monotonic() - self._renewed_at > HOLD_SECONDS:
                for name, _ in rounds.values():
                    self._books.let_go(name, ended=False)
            raise
        self._renewed_at = time.monotonic()
        for id_, (name, round_) in rounds.items():
            if name in self._books.rounds and held.get(id_) != round_.entry.revision:
                log.info("a target was changed or taken away", target=name)
                self._let_go(name)

    def _let_go(self, name: str) -> None:
        round_ = self._books.rounds[name]
        self._books.let_go(name, ended=False)
        with contextlib.suppress(Transient):
            self._targets.release(self._plan.worker, [round_.entry.id], None, {})

    def _counts(self, name: str) -> Counts:
        return self._job.report.of(name)

    def _report(self) -> Report:
        report = self._job.report
        report.seconds, report.waiting = time.monotonic() - self._begun, self._job.frontier.waiting
        return report
