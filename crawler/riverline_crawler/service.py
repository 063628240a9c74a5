"""A crawler that keeps running: takes due targets, crawls their rounds in parallel, and releases them.

What it holds it renews; what was changed, disabled or taken away is let go, and taken again as it is then. While MySQL
is away a target is crawled on as long as nobody else can have taken it.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from scrapy import signals
from scrapy.exceptions import DontCloseSpider

from riverline.crawl.addresses import asked_hosts, require_contact, require_open
from riverline.crawl.contracts import LEASE_SECONDS, StoredTarget, Targets
from riverline.errors import RiverlineError, Transient
from riverline.pipeline.contracts import PageLog
from riverline.settings import Settings
from riverline_crawler.job import CrawlJob
from riverline_crawler.resolver import PublicResolver
from riverline_crawler.run import process_of
from riverline_crawler.scheduling.crawl_rounds import Round, Rounds, now_ms
from riverline_crawler.scheduling.host_leases import HostLeases
from riverline_crawler.stats import CrawlStats, Report

TURN_SECONDS = 1.0  # between two looks at what is due and what has ended
CLAIM_SECONDS = 3.0  # between two looks while nothing is crawled, and nothing was due at the last one
RENEW_SECONDS = 5.0  # a change of a target is seen within this
ASK_SECONDS = 10.0  # that MySQL has for each answer, whatever time its driver takes for a connection
HOLD_SECONDS = LEASE_SECONDS - 20.0  # without a renewal: then a target is let go, well before another may take it
CHECK_SECONDS = 3_600.0  # until a target that cannot be crawled is looked at again

Answer = TypeVar("Answer")
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class CrawlPlan:
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
        leases: HostLeases,
        plan: CrawlPlan,
        progress: Callable[[Report, list[Round]], None] = lambda _report, _rounds: None,
    ) -> None:
        self._settings, self._targets, self._plan, self._progress = settings, targets, plan, progress
        self._crawl_state = Rounds(settings.home / "crawl")
        self._job = CrawlJob.of((), settings.crawl, pages, self._crawl_state, leases, endless=True)
        self._crawl_state.frontier = self._job.frontier
        self._renewed_at = self._idle_until = 0.0
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
        try:
            process.start()
        finally:
            self._job.readers.close()
        with contextlib.suppress(Transient):
            self._job.log.flush()
        for name in list(self._crawl_state.rounds):
            self._let_go(name)
        return self._report()

    def _stay(self) -> None:
        raise DontCloseSpider

    def _start(self) -> None:
        loop = asyncio.get_running_loop()
        self._tasks = [loop.create_task(self._go_on()), loop.create_task(self._watch())]

    async def _watch(self) -> None:
        """Beside all that waits for MySQL: work ends in time, whatever hangs."""
        while self._crawler.crawling:
            self._end_overdue()
            await asyncio.sleep(TURN_SECONDS)

    def _end_overdue(self) -> None:
        """Lets go what could not be renewed: another crawler may take it soon."""
        if self._crawl_state.rounds and time.monotonic() >= self._crawl_state.held_until:
            log.warning(
                "leases could not be renewed; the targets are released", targets=sorted(self._crawl_state.rounds)
            )
            for name in list(self._crawl_state.rounds):
                self._crawl_state.let_go(name, ended=False)

    async def _go_on(self) -> None:
        while self._crawler.crawling:
            try:
                await self._turn()
            except Transient as error:
                log.warning("targets could not be read", error=str(error))
            except Exception:
                log.exception("a turn failed")
            self._progress(self._report(), list(self._crawl_state.rounds.values()))
            if self._plan.once and self._done and not self._crawl_state.rounds and not self._owed:
                self._job.report.reason = "finished"
                await self._crawler.stop_async()
                return
            await asyncio.sleep(TURN_SECONDS)

    async def _turn(self) -> None:
        if time.monotonic() - self._renewed_at >= RENEW_SECONDS:
            await self._renew()
        await self._settle()
        for name, round_ in list(self._crawl_state.rounds.items()):
            if not round_.open:
                await self._end(name, round_)
        room = self._settings.crawl.rounds - len(self._crawl_state.rounds)
        if room > 0 and time.monotonic() >= self._idle_until:
            await self._claim(room)

    async def _claim(self, room: int) -> None:
        asked_at = time.monotonic()
        entries = await _within(self._targets.claim, self._plan.worker, room)
        if not self._crawl_state.rounds:
            self._hold(asked_at)
        for entry in entries:
            if self._plan.once and entry.id in self._done:
                await self._release(entry.id, float(entry.target.interval), dict(entry.progress))
            else:
                await self._begin(entry)
        if not entries and self._plan.once:
            self._done.add(0)
        elif not entries and not self._crawl_state.rounds:
            self._idle_until = asked_at + CLAIM_SECONDS - TURN_SECONDS / 2

    async def _begin(self, entry: StoredTarget) -> None:
        target = entry.target
        try:
            require_contact((target,), self._settings.crawl)
            require_open(target, self._settings.crawl)
            PublicResolver.trust(asked_hosts(target, self._settings.crawl), self._settings.crawl.proxy)
            self._job.report.targets.pop(target.name, None)
            round_ = self._crawl_state.begin(entry, time.monotonic(), self._plan.again)
        except RiverlineError as error:
            log.warning("a target cannot be crawled", target=target.name, error=str(error))
            await self._release(entry.id, CHECK_SECONDS, {"problem": str(error)})
            self._done.add(entry.id)
            return
        log.info("a round begins", target=target.name, addresses=round_.open)
        self._crawler.engine.scheduler.wake()

    async def _end(self, name: str, round_: Round) -> None:
        progress = round_.ended(self._counts(name), now_ms())
        self._crawl_state.let_go(name, ended=True)
        self._done.add(round_.entry.id)
        log.info("a round ended", target=name, **{key: value for key, value in progress.items() if key != "rounds"})
        await self._release(round_.entry.id, float(round_.target.interval), progress)

    async def _release(self, id_: int, due_in: float, progress: dict[str, object]) -> None:
        self._owed.append((id_, due_in, progress))
        await self._settle()

    async def _settle(self) -> None:
        """Lets go what has ended, also what could not be let go while MySQL was away. Raises Transient."""
        while self._owed:
            id_, due_in, progress = self._owed[0]
            await _within(self._targets.release, self._plan.worker, [id_], due_in, progress)
            self._owed.pop(0)

    async def _renew(self) -> None:
        """Holds what is held; lets go what is not ours any more, or was changed."""
        rounds = {round_.entry.id: (name, round_) for name, round_ in self._crawl_state.rounds.items()}
        progress = {id_: round_.progress(self._counts(name)) for id_, (name, round_) in rounds.items()}
        asked_at = time.monotonic()
        held = await _within(self._targets.renew, self._plan.worker, progress)
        self._hold(asked_at)
        for id_, (name, round_) in rounds.items():
            if name in self._crawl_state.rounds and held.get(id_) != round_.entry.revision:
                log.info("a target was changed or taken over", target=name)
                self._let_go(name)

    def _hold(self, asked_at: float) -> None:
        """Counted from when MySQL was asked: when it answered, the lease was that much shorter already."""
        self._renewed_at, self._crawl_state.held_until = asked_at, asked_at + HOLD_SECONDS

    def _let_go(self, name: str) -> None:
        round_ = self._crawl_state.rounds[name]
        self._crawl_state.let_go(name, ended=False)
        with contextlib.suppress(Transient):
            self._targets.release(self._plan.worker, [round_.entry.id], None, {})

    def _counts(self, name: str) -> CrawlStats:
        return self._job.report.of(name)

    def _report(self) -> Report:
        report = self._job.report
        report.seconds, report.waiting = time.monotonic() - self._begun, self._job.frontier.waiting
        return report


async def _within(ask: Callable[..., Answer], *arguments: Any) -> Answer:
    """What MySQL answers. Raises Transient when it takes longer than ASK_SECONDS; what it does then is not known."""
    try:
        return await asyncio.wait_for(asyncio.to_thread(ask, *arguments), ASK_SECONDS)
    except TimeoutError:
        raise Transient(f"MySQL did not answer within {ASK_SECONDS:g} s") from None
