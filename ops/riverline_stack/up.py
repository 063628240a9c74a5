"""The whole way up: look at the machine, install, start the servers, prepare them, start the applications, submit."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import TypeVar

from riverline.errors import Fatal, Transient
from riverline.settings import Settings
from riverline_stack import doctor
from riverline_stack.release import shell, topology
from riverline_stack.servers import schema, servers
from riverline_stack.servers.application_programs import DEMO, STORM_UI
from riverline_stack.supervision import accounts, processes
from riverline_stack.supervision.lifecycle import Progress, alone, begin, start
from riverline_stack.supervision.processes import Recorded
from riverline_stack.supervision.program import Program, Step
from riverline_stack.supervision.supervise import NAME, Supervisor

Waits = TypeVar("Waits", Program, Step)
SUBMIT, CRAWL = "the topology", "the first crawl"  # steps
STOP_SECONDS = 30.0  # in which programs of an earlier version end by themselves


def up(
    settings: Settings,
    progress: Progress,
    lease: int | None = None,
    prepared: Callable[[], object] = lambda: None,
) -> None:
    """Brings the stack up; what is up and unchanged is left alone. Raises Fatal with all that stands against it.

    `lease` is a process: when it ends, the stack goes down. `prepared` is called when pages may be crawled, while
    Elasticsearch, Storm and the applications start, and waited for.
    """
    refuse(doctor.examine(settings))
    with alone(settings):
        servers.install(settings, progress.say)
        programs = servers.programs(settings)
        refuse(doctor.ports(settings, [address for program in programs for address in program.addresses]))
        end_former_version(settings, progress)
        begin(settings, programs, lease)
        for said in hindrances(programs):
            progress.say(f"warning: {said}")
        shell.write(settings)
        with ThreadPoolExecutor(1) as pool:
            jar = pool.submit(topology.build, settings, progress.say)
            steps = [
                *schema.steps(settings, programs),
                Step(SUBMIT, lambda: topology.submit(settings, jar.result(), progress.say)),
                Step(CRAWL, prepared),
            ]
            programs, steps = ordered(programs, steps, topology.is_outdated(settings))
            start(settings, programs, progress, steps)


def ordered(programs: Sequence[Program], steps: Sequence[Step], outdated: bool) -> tuple[list[Program], list[Step]]:
    """The same, each with what it waits for: an application for the servers that it uses and what these must hold. So
    the first crawl begins while Elasticsearch and Storm still start. Where an `outdated` topology may run, nobody
    writes pages before it is replaced: it may not read them."""

    def of(account: str) -> list[str]:
        return [program.name for program in programs if program.account == account and program.name != STORM_UI]

    storm, caches = of(accounts.STORM), of(accounts.REDIS)
    writes = ["tables", "topics", *caches, *([SUBMIT] if outdated else [])]
    needs = {
        SUBMIT: [*storm, "tables", "topics", "indices"],
        CRAWL: [*writes, DEMO],
        STORM_UI: storm,
        **dict.fromkeys(of(accounts.CRAWLER), writes),
        **{name: [*writes, "indices"] for name in (*of(accounts.API), *of(accounts.TASKS))},
        **{name: [*writes, "indices", *storm] for name in of(accounts.MONITOR)},
    }

    def waiting(one: Waits) -> Waits:
        return replace(one, after=(*one.after, *needs.get(one.name, ())))

    return [*map(waiting, programs)], [*map(waiting, steps)]


def end_former_version(settings: Settings, progress: Progress) -> None:
    """Ends a stack whose supervisor listens elsewhere than this version's: its programs know no passwords, and would go
    on asking servers that ask for one. The topology goes first, so that no page meets such an answer."""
    recorded = Recorded.read(settings.home, NAME)
    if not (recorded and recorded.process()) or Supervisor(settings).answers():
        return
    progress.say("stopping the stack of an earlier version")
    with suppress(Transient):
        topology.kill(settings)
    processes.end(processes.owned(settings.home), STOP_SECONDS)


def hindrances(programs: Iterable[Program]) -> list[str]:
    """Which programs run as root although they have an account, and why; a sentence for each reason."""
    found: dict[str, list[str]] = {}
    for program in programs:
        try:
            accounts.examine(program.account, program.own, program.reads)
        except Fatal as error:
            found.setdefault(str(error), []).append(program.name)
    return [f"{', '.join(names)} run as root: {why}" for why, names in found.items()]


def refuse(findings: list[doctor.Finding]) -> None:
    """Raises Fatal with all problems at once, before anything is started."""
    if problems := doctor.problems(findings):
        raise Fatal(problems)


def links(settings: Settings) -> dict[str, str]:
    """Where to go on."""
    site = f"http://{settings.api.site}"
    return {
        "site": site,
        "API documentation": f"{site}/docs",
        "guide": f"{site}/guide",
        "Storm": f"http://{settings.storm.ui}",
        "demo web (a proxy)": f"http://{settings.demo.address}",
    }
