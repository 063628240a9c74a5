"""The whole way up: look at the machine, install, start the servers, prepare them, start the applications, submit."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from riverline.errors import Fatal
from riverline.settings import Settings
from stack import doctor, schema, servers, shell, topology
from stack.lifecycle import Progress, alone, begin, start


def up(settings: Settings, progress: Progress, lease: int | None = None) -> None:
    """Brings the stack up; what is up and unchanged is left alone. Raises Fatal with all that stands against it.

    `lease` is a process: when it ends, the stack goes down.
    """
    refuse(doctor.examine(settings))
    with alone(settings):
        servers.install(settings, progress.say)
        refuse(doctor.ports(settings, servers.addresses(settings)))
        begin(settings, servers.programs(settings), lease)
        shell.write(settings)
        with ThreadPoolExecutor() as pool:
            jar = pool.submit(topology.build, settings, progress.say)
            start(settings, servers.servers(settings), progress)
            schema.prepare(settings, progress.say)
            submitted = pool.submit(lambda: topology.submit(settings, jar.result(), progress.say))
            start(settings, servers.applications(settings), progress)
            submitted.result()


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
        "process supervisor": f"http://{settings.stack.supervisor}",
        "Storm": f"http://{settings.storm.ui}",
        "demo web (a proxy)": f"http://{settings.demo.address}",
        "shell": f"source {shell.path(settings)}",
    }
