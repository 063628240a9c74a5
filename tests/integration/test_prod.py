"""`sparse submit -e prod`: over SSH, with a virtualenv that it makes on the workers' host.

The environment is that of config.json with this stack's addresses; the host is an sshd on loopback.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from riverline.adapters.kafka.log import KafkaLog
from riverline.adapters.storm.nimbus import nimbus_client
from riverline.pipeline.audit import accounts
from riverline.services import assemble
from riverline.settings import ROOT, Settings
from riverline_stack.release import topology
from riverline_stack.servers import storm_cluster
from riverline_stack.servers.addresses import port_of
from tests.support import sshd
from tests.support.load import Load
from tests.support.sparse import sparse
from tests.support.stack import Told, until, workers_folder

PATIENCE = 180.0  # seconds until the workers of a new topology run

pytestmark = pytest.mark.skipif(not sshd.installed(), reason="there is no sshd (Debian: openssh-server)")


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sshd.Host]:
    """The workers' host: what the test's own virtualenv has of `virtualenv` is on its user's path."""
    folder = tmp_path_factory.mktemp("host")
    tools = folder / "tools"
    tools.mkdir()
    (tools / "virtualenv").symlink_to(Path(sys.executable).parent / "virtualenv")
    with sshd.running(folder, [tools]) as host:
        yield host


@pytest.fixture(scope="module")
def place(stack: Settings) -> Iterator[Path]:
    """Where the virtualenv and the workers' logs are: workers of another account do not reach the user's home."""
    with workers_folder(stack, "prod") as folder:
        yield folder


@pytest.fixture(scope="module")
def project(stack: Settings, host: sshd.Host, place: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project as an operator has it, with the addresses of `prod` filled in."""
    project = tmp_path_factory.mktemp("project")
    for name in ("src", "topologies", "virtualenvs", "project.clj"):
        (project / name).symlink_to(ROOT / name)
    tree = json.loads((ROOT / "config.json").read_text())
    tree["envs"]["prod"] |= {
        "user": host.user,
        "nimbus": stack.storm.nimbus,
        "ssh_port": host.port,
        "workers": [host.address],
        "virtualenv_root": str(place / "virtualenvs"),
        "virtualenv_flags": f"--python {shutil.which('python3.11') or shutil.which('python3')}",
        "ui.port": port_of(stack.storm.ui),
        "log": {**tree["envs"]["prod"]["log"], "path": str(place), "level": "warning"},
        "options": {"topology.workers": 2},
    }
    (project / "config.json").write_text(json.dumps(tree))
    return project


@pytest.fixture(scope="module")
def submitted(stack: Settings, host: sshd.Host, project: Path) -> Iterator[str]:
    """What `sparse submit -e prod` said. Afterwards the topology is the stack's own again."""
    jar = topology.build(stack, Told().say)
    options = ("-e", "prod", "-n", "content", "-N", stack.storm.topology, "-f", "--wait", "3", "-j", str(jar))
    patience = ("--timeout", str(topology.NIMBUS_MS))
    programs = [host.programs]
    run = sparse(stack, "submit", *options, *patience, project=project, environment=host.environment, programs=programs)
    try:
        assert run.returncode == 0, run.stdout + run.stderr
        yield run.stdout + run.stderr
    finally:
        (topology.folder(stack) / "submitted").unlink(missing_ok=True)
        topology.submit(stack, jar, Told().say)


def components(stack: Settings) -> list[list[str]]:
    """The command lines of the topology's Python processes."""
    found = []
    for pid in storm_cluster.worker_pids(stack):
        try:
            command = psutil.Process(pid).cmdline()
        except psutil.Error:
            continue
        if any("streamparse_run" in part for part in command):
            found.append(command)
    return found


def test_every_component_runs_from_the_provisioned_virtualenv(stack: Settings, place: Path, submitted: str) -> None:
    made = str(place / "virtualenvs" / stack.storm.topology / "bin")

    def all_run() -> bool:
        commands = components(stack)
        tasks = stack.topology
        wanted = tasks.spouts + tasks.deduplicators + tasks.parsers_most + tasks.taggers_most + tasks.indexers
        return len(commands) == wanted and all(command[0].startswith(made) for command in commands)

    assert until(all_run, PATIENCE), components(stack)


def test_the_virtualenv_holds_what_the_lock_says(stack: Settings, place: Path, submitted: str) -> None:
    packages = place / "virtualenvs" / stack.storm.topology / "lib"
    locked = [line for line in (ROOT / "virtualenvs" / "content.txt").read_text().splitlines() if "==" in line]
    pystorm = next(line.split(" ")[0] for line in locked if line.startswith("pystorm==")).replace("==", "-")
    assert list(packages.glob(f"python3*/site-packages/{pystorm}.dist-info"))
    assert list(packages.glob("python3*/site-packages/riverline*")) == []  # it comes in the jar


def test_nimbus_was_reached_through_ssh(submitted: str) -> None:
    assert "ssh tunnel to Nimbus" in submitted


def test_the_topology_of_the_virtualenv_indexes_pages(stack: Settings, submitted: str) -> None:
    services = assemble(stack)
    assert isinstance(services.log, KafkaLog)
    load = Load(services.log, "prod", 20.0, sites=1)
    load.start()
    assert until(lambda: len(load.acknowledged) >= 20, 60)
    load.end()
    assert until(lambda: all(each.balanced for each in accounts(services.log, services.index, load.topics)), PATIENCE)
    services.log.close()


def of_prod(stack: Settings, host: sshd.Host, project: Path, *words: str) -> str:
    """What a command of streamparse says about the topology on the hosts of `prod`."""
    run = sparse(stack, *words, "-e", "prod", project=project, environment=host.environment, programs=[host.programs])
    assert run.returncode == 0, run.stdout + run.stderr
    return run.stdout + run.stderr


def named(stack: Settings) -> tuple[str, ...]:
    return ("-n", "content", "-N", stack.storm.topology)


def id_of(stack: Settings) -> str | None:
    """Nimbus' id of the topology, until it has forgotten it."""
    with nimbus_client(stack.storm.nimbus) as nimbus:
        return next((one.id for one in nimbus.getClusterInfo().topologies if one.name == stack.storm.topology), None)


def test_the_environment_says_how_many_workers_there_are_and_what_they_log_where(
    stack: Settings, place: Path, submitted: str
) -> None:
    with nimbus_client(stack.storm.nimbus) as nimbus:
        conf = json.loads(nimbus.getTopologyConf(id_of(stack)))
    assert conf["topology.workers"] == 2
    assert (conf["pystorm.log.level"], conf["pystorm.log.path"]) == ("warning", str(place))
    assert len(list(place.glob(f"pystorm_{stack.storm.topology}_*.log"))) == len(components(stack))


def test_sparse_tail_shows_the_logs_of_the_components(
    stack: Settings, host: sshd.Host, project: Path, submitted: str
) -> None:
    said = of_prod(stack, host, project, "tail", *named(stack), "--num_lines", "3")
    assert f"pystorm_{stack.storm.topology}_parse" in said


def test_sparse_update_virtualenv_leaves_what_is_there(
    stack: Settings, host: sshd.Host, project: Path, place: Path, submitted: str
) -> None:
    of_prod(stack, host, project, "update_virtualenv", *named(stack))
    assert (place / "virtualenvs" / stack.storm.topology / "bin" / "streamparse_run").exists()


def test_sparse_remove_logs_removes_them(
    stack: Settings, host: sshd.Host, project: Path, place: Path, submitted: str
) -> None:
    assert list(place.glob("pystorm_*.log"))
    of_prod(stack, host, project, "remove_logs", *named(stack))
    assert list(place.glob("pystorm_*.log")) == []


def test_sparse_kill_ends_it(stack: Settings, host: sshd.Host, project: Path, submitted: str) -> None:
    of_prod(stack, host, project, "kill", "-n", stack.storm.topology, "--wait", "1")
    assert until(lambda: id_of(stack) is None, PATIENCE)
