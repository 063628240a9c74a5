"""The topology: its jar is built and submitted by streamparse, from a copy of the sources below the stack's home.

So two stacks never build into each other's folders, and each has a config.json with its own Nimbus.
"""

from __future__ import annotations

import compileall
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from py_compile import PycInvalidationMode

from riverline.adapters.storm.nimbus import cluster_summary, nimbus_client
from riverline.errors import Fatal, Transient
from riverline.retry import retried
from riverline.settings import ROOT, Settings
from riverline_stack.servers import storm_cluster
from riverline_stack.servers.addresses import port_of
from riverline_stack.supervision.source_digest import code_version
from riverline_stack.supervision.supervise import base_environment

ENVIRONMENT = "local"  # of config.json
IN_JAR = ("src", "jvm/topology", "project.clj")
SUBMITTED = (*IN_JAR, "topologies", "config.json", "virtualenvs/content.txt")
KEPT = 20  # jars, the newest; each checkout and version has one
NIMBUS_MS = 60_000  # for Nimbus to answer: a busy one accepts a submission and answers late
KILL_SECONDS = 3  # an older topology may finish what it holds
GONE_SECONDS = 120.0  # then Nimbus must have forgotten it
ANSWER_SECONDS = 30.0  # that Nimbus has for an answer

Say = Callable[[str], None]


def folder(settings: Settings) -> Path:
    return settings.home / "topology"


def tool_path(settings: Settings) -> list[Path]:
    """Folders of `sparse` itself, and of what it calls: `storm`."""
    return [storm_cluster.tools(settings)]


def tool_environment(settings: Settings) -> dict[str, str]:
    """What streamparse, Leiningen and the `storm` command need to find in their environment."""
    return {
        "STORM_HOME": str(storm_cluster.storm_home(settings)),
        "LEIN_ROOT": "1",
        "PYTHONWARNINGS": "ignore",
        "RIVERLINE_TOPOLOGY__STATE": str(settings.topology.state or settings.home / "state"),
    }


def build(settings: Settings, say: Say) -> Path:
    """The topology's jar for the code as it stands; built at most once for all stacks that share the cache."""
    jars = settings.stack.cache / "topologies"
    jar = jars / f"{code_version(*IN_JAR)}.jar"
    if jar.exists():
        jar.touch()
        return jar
    say("building the topology's jar")
    project = _copy_of_project(settings)
    # Else each process of a new worker compiles all that it imports, side by side.
    compileall.compile_dir(project / "src", quiet=1, invalidation_mode=PycInvalidationMode.CHECKED_HASH)
    _sparse(settings, project, "jar", "--simple_jar")
    built = max(project.glob("_build/**/*.jar"), key=lambda path: path.stat().st_mtime)
    jars.mkdir(parents=True, exist_ok=True)
    Path(shutil.copyfile(built, jar.with_suffix(f".{os.getpid()}"))).rename(jar)
    for older in sorted(jars.glob("*.jar"), key=lambda path: path.stat().st_mtime, reverse=True)[KEPT:]:
        older.unlink(missing_ok=True)
    return jar


def _copy_of_project(settings: Settings) -> Path:
    project = folder(settings) / "project"
    shutil.rmtree(project, ignore_errors=True)
    folder(settings).mkdir(mode=0o700, parents=True, exist_ok=True)
    project.mkdir()
    for name in ("src", "jvm", "topologies", "virtualenvs"):
        shutil.copytree(ROOT / name, project / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "project.clj", project)
    (project / "config.json").write_text(configuration(settings))
    return project


def configuration(settings: Settings) -> str:
    """The project's config.json, with the addresses of this stack, and as many workers as its settings say."""
    tree = json.loads((ROOT / "config.json").read_text())
    local, workers = tree["envs"][ENVIRONMENT], settings.topology.workers
    local |= {"nimbus": settings.storm.nimbus, "ui.port": port_of(settings.storm.ui)}
    local["options"] |= {"topology.workers": workers, "topology.acker.executors": workers}
    return json.dumps(tree, indent=2)


def submit(settings: Settings, jar: Path, say: Say) -> None:
    """Submits the topology, unless it runs already as it stands."""
    if runs(settings) and _noted(settings) == version(settings):
        return
    say(f"submitting the topology {settings.storm.topology}")
    (folder(settings) / "submitted").unlink(missing_ok=True)  # if interrupted, what runs is unknown
    put(settings, jar, KILL_SECONDS)
    note(settings)


def is_outdated(settings: Settings) -> bool:
    """Whether another topology than that of the sources and settings may run, or start as soon as Storm does."""
    return _noted(settings) != version(settings) and storm_cluster.has_state(settings)


def put(settings: Settings, jar: Path, wait: int, environment: str = ENVIRONMENT) -> None:
    """Submits the jar in the place of what runs under the name, which may finish what it holds for `wait` seconds.

    `environment` is one of config.json.
    """
    options = ("-e", environment, "-n", "content", "-N", settings.storm.topology, "-f", "--wait", str(wait))
    patience = ("--timeout", str(NIMBUS_MS))
    _sparse(settings, _copy_of_project(settings), "submit", *options, *patience, "-j", str(jar))
    assign(settings)


def assign(settings: Settings) -> None:
    """Lets Nimbus deal out the tasks of what was just submitted now, not in its next round (seconds later). That only
    saves time: where Nimbus does not answer or refuses, its next round does it."""
    from streamparse.thrift import RebalanceOptions

    name = settings.storm.topology
    with suppress(Transient), nimbus_client(settings.storm.nimbus, ANSWER_SECONDS) as nimbus:
        found = next((each for each in nimbus.getClusterInfo().topologies or [] if each.name == name), None)
        if found and found.status == "ACTIVE" and not found.num_workers:  # else it would begin a second time
            nimbus.rebalance(name, RebalanceOptions(wait_secs=0))


def note(settings: Settings) -> None:
    """Writes down that what runs is what the sources and settings say: it is not submitted again until they change."""
    (folder(settings) / "submitted").write_text(version(settings))


def _noted(settings: Settings) -> str:
    path = folder(settings) / "submitted"
    return path.read_text() if path.exists() else ""


def version(settings: Settings) -> str:
    """Changes with the code, the workers' packages and the settings that a topology carries."""
    carried = json.dumps(settings.for_storm(), sort_keys=True) + json.dumps(tool_environment(settings))
    return code_version(*SUBMITTED) + hashlib.sha256(carried.encode()).hexdigest()[:16]


def _sparse(settings: Settings, project: Path, *arguments: str) -> None:
    sparse = Path(sys.executable).parent / "sparse"
    environment = base_environment(settings) | tool_environment(settings)
    path = ":".join([*map(str, tool_path(settings)), environment["PATH"]])
    run = subprocess.run(
        [str(sparse), *arguments], cwd=project, env=environment | {"PATH": path}, capture_output=True, text=True
    )
    if run.returncode != 0:
        raise Fatal(f"sparse {arguments[0]} failed:\n{(run.stdout + run.stderr).strip()[-2000:]}")


def kill(settings: Settings) -> None:
    """Ends the topology, if it is there, and waits until Nimbus has forgotten it. Raises Transient."""
    from streamparse.thrift import KillOptions

    name = settings.storm.topology

    def forgotten() -> None:
        with nimbus_client(settings.storm.nimbus, ANSWER_SECONDS) as nimbus:
            status = next((each.status for each in nimbus.getClusterInfo().topologies if each.name == name), "")
            if status and status != "KILLED":
                nimbus.killTopologyWithOpts(name, KillOptions(wait_secs=KILL_SECONDS))
            if status:
                raise Transient(f"the topology {name} does not end")

    retried(forgotten, pause=0.5, seconds=GONE_SECONDS)


def runs(settings: Settings) -> bool:
    """Whether Nimbus has the topology, and not on its way out."""
    try:
        return status_of(settings) == "ACTIVE"
    except Transient:
        return False


def status_of(settings: Settings) -> str:
    """The topology's status according to Nimbus: ACTIVE, INACTIVE, KILLED, REBALANCING; empty when it does not run."""
    summaries = cluster_summary(settings.storm.nimbus).topologies or []
    return next((each.status for each in summaries if each.name == settings.storm.topology), "")


if __name__ == "__main__":
    print(configuration(Settings.load()))
