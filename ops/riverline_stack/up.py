"""The whole way up: look at the machine, install, start the servers, prepare them, start the applications, submit."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from riverline.errors import Fatal, Transient
from riverline.settings import Settings
from riverline_stack import doctor
from riverline_stack.release import shell, topology
from riverline_stack.servers import schema, servers
from riverline_stack.supervision import processes
from riverline_stack.supervision.accounts import examine
from riverline_stack.supervision.lifecycle import Progress, alone, begin, start
from riverline_stack.supervision.processes import Recorded
from riverline_stack.supervision.program import Program
from riverline_stack.supervision.supervise import NAME, Supervisor

STOP_SECONDS = 30.0  # in which programs of an earlier version end by themselves


def up(
    settings: Settings,
    progress: Progress,
    lease: int | None = None,
    prepared: Callable[[], object] = lambda: None,
) -> None:
    """Brings the stack up; what is up and unchanged is left alone. Raises Fatal with all that stands against it.

    `lease` is a process: when it ends, the stack goes down. `prepared` is called when pages may be crawled, while the
    other applications and the topology start, and waited for.
    """
    refuse(doctor.examine(settings))
    with alone(settings):
        servers.install(settings, progress.say)
        refuse(doctor.ports(settings, servers.addresses(settings)))
        end_former_version(settings, progress)
        begin(settings, servers.programs(settings), lease)
        for said in hindrances(servers.programs(settings)):
            progress.say(f"warning: {said}")
        shell.write(settings)
        with ThreadPoolExecutor() as pool:
            jar = pool.submit(topology.build, settings, progress.say)
            start(settings, [*servers.servers(settings), *servers.webs(settings)], progress)
            schema.prepare(settings, progress.say)
            replaces = topology.runs(settings)
            submitted = pool.submit(lambda: topology.submit(settings, jar.result(), progress.say))
            if replaces:
                submitted.result()  # before the crawlers: a former one may not read what they write
            meanwhile = pool.submit(prepared)
            start(settings, servers.applications(settings), progress)
            submitted.result()
            meanwhile.result()


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
            examine(program.account, program.own, program.reads)
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
