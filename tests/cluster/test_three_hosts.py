"""Three hosts, deployed by ops/ansible: what a host that dies, or is cut off, costs. Nothing is lost, nothing is twice.

`make cluster-chaos` runs it (10 GiB of memory, an hour). It is skipped where there are no hosts to be had.
"""

from __future__ import annotations

import json
import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest

from riverline.adapters.storm.nimbus import nimbus_client
from riverline.errors import Transient
from riverline.services import Services, assemble
from riverline.settings import ROOT, Demo, Settings
from riverline_commands.console import ConsoleProgress
from riverline_commands.first_crawl import first_crawl
from riverline_stack.servers.addresses import free_address
from riverline_stack.supervision.lifecycle import reason
from riverline_stack.supervision.program import listening
from tests.support.deployment import Deployment, Played, another_commit
from tests.support.hosts import Host, hosts, lacking
from tests.support.stack import awaited, until
from tests.support.traffic import COLUMNS as TRAFFIC
from tests.support.traffic import Traffic

WHY_NOT = lacking() or ("" if os.environ.get("CLUSTER") else "make cluster-chaos runs it: it takes an hour")
AS_IT_IS = bool(os.environ.get("CLUSTER_AS_IT_IS"))  # nothing is deployed to hosts that were kept (CLUSTER_FOLDER)
TLS = bool(os.environ.get("CLUSTER_TLS"))  # servers speak TLS alone
pytestmark = [pytest.mark.cluster, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)]

AWAY, SHORTLY = 180.0, 120.0  # seconds that a host is away
HOUR = 3600
ADMIN = ("--socket=/var/lib/riverline/mysql/primary/data/server.sock", "--user=root")
PLACES = {"topology": "the topology", "first": "Nimbus, ZooKeeper, primary", "other": "no topology"}
TABLE = ROOT / "artefacts" / "cluster.md"
COLUMNS = ("what happened", "topology elsewhere after", *TRAFFIC)
HEADER = f"| {' | '.join(COLUMNS)} |\n" + "|---" * len(COLUMNS) + "|\n"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Deployment, Played]]:
    kept = os.environ.get("CLUSTER_FOLDER")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("cluster")
    key = folder / "key"
    is_new = not key.exists()
    if is_new:
        folder.mkdir(parents=True, exist_ok=True)
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    cache, public = Settings().stack.cache, key.with_suffix(".pub").read_text()
    with hosts(folder / "hosts", cache, ("one", "two", "three"), public, keep=bool(kept)) as up:
        deployment = Deployment("three-hosts", up, folder / "inventory", key, TLS)
        played = Played("", 0.0, False) if kept and not is_new and AS_IT_IS else deployment.play()
        assert not played.failed, played.said[-6000:]
        TABLE.parent.mkdir(exist_ok=True)
        if is_new:
            TABLE.write_text(f"From nothing to healthy on three hosts: {played.seconds:.0f} s.\n\n{HEADER}")
        yield deployment, played


@pytest.fixture(scope="module")
def services(cluster: tuple[Deployment, Played], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    made = assemble(cluster[0].settings(tmp_path_factory.mktemp("client")))
    yield made
    made.log.close()


def test_everything_is_healthy_and_a_second_run_changes_nothing(cluster: tuple[Deployment, Played]) -> None:
    deployment, first = cluster
    programs = sum(len(names) for names in deployment.placement.values())
    assert len(first.table) == programs + 5  # and what is done once
    again = deployment.play()
    assert (again.failed, again.changes) == (False, 0), again.said[-4000:]


def test_the_first_crawl_is_found(services: Services) -> None:
    demo = free_address()
    command = [sys.executable, "-m", "demo", "--port", demo.rpartition(":")[2]]
    changed = {"demo": Demo(address=demo), "crawl": services.settings.crawl.model_copy(update={"private": (demo,)})}
    settings = services.settings.model_copy(update=changed)
    (settings.home / "run").mkdir(exist_ok=True)
    with subprocess.Popen(command, cwd=ROOT) as web:
        try:
            assert until(lambda: reason(listening(demo)) is None, 60)
            with ConsoleProgress() as progress:
                searches = first_crawl(settings, progress, None)
        finally:
            web.terminate()
    assert [one.query for one in searches if one.total] == ["떡볶이", "moon"]


@dataclass(frozen=True)
class Case:
    """What happens to a host, named by what it runs, and how that ends."""

    what: str
    happens_to: str  # "topology": the one that runs it now; "first": Nimbus, ZooKeeper, the primary; "other": neither
    begin: Callable[[Host, list[Host]], None]
    end: Callable[[Host, list[Host]], None]
    seconds: float = AWAY

    def __str__(self) -> str:
        return f"{self.what}-{self.happens_to}".replace(" ", "-")


def _deaf(host: Host, others: list[Host], is_so: bool = True) -> None:
    for other in others:
        other.ignore([host], is_so)


def _halves(host: Host, others: list[Host], are_so: bool = True) -> None:
    _deaf(host, others, are_so)
    host.ignore(others, are_so)


def _promoted(host: Host, others: list[Host]) -> None:
    """Its primary is cut off, and the replica promoted, on the replica's host."""
    host.cut()
    others[-1].run("riverline", "mysql", "promote", "--dead")


def _returned(host: Host, others: list[Host]) -> None:
    """The former primary takes no writes from the first moment on, and follows: by itself, or rebuilt, where it has
    commits that waited for the replica and were answered to nobody."""
    fenced = host.run("mariadb", *ADMIN, "-e", "SELECT @@read_only")
    host.join()
    assert "1" in fenced.split(), "it takes writes, cut off as it is"

    def state(writes: bool, problem: bool) -> bool:
        told = json.loads(others[-1].run("riverline", "mysql", "status", "--json"))
        return [(one["writes"], bool(one["problem"])) for one in told] == [(writes, problem), (True, False)]

    assert until(lambda: state(False, False) or state(False, True), 60)
    if not until(lambda: state(False, False), 20):
        unit = "riverline-mysql-primary"
        host.run("systemctl", "stop", unit)
        host.run("rm", "-r", "/var/lib/riverline/mysql/primary")
        host.run("systemctl", "reload", "riverline-install")
        host.run("systemctl", "start", unit)
        assert until(lambda: state(False, False), 120)


OFF = partial(Case, "powered off", begin=lambda host, _: host.power_off(), end=lambda host, _: host.boot())
CUT = partial(Case, "cut off", begin=lambda host, _: host.cut(), end=lambda host, _: host.join())
CASES = [
    OFF("topology"),
    CUT("topology"),
    OFF("first", seconds=SHORTLY),
    OFF("other", seconds=SHORTLY),
    CUT("first", seconds=SHORTLY),
    Case("cut off, and the replica promoted", "first", _promoted, _returned, 60.0),
    Case("cut off one way", "topology", _deaf, partial(_deaf, is_so=False), SHORTLY),
    Case("parted from the two others", "topology", _halves, partial(_halves, are_so=False), SHORTLY),
    Case(
        "an hour ahead",
        "topology",
        begin=lambda host, _: host.set_clock(HOUR),
        end=lambda host, _: host.set_clock(0),
        seconds=SHORTLY,
    ),
]


def _host(kind: str, deployment: Deployment, services: Services) -> Host:
    workers = awaited(lambda: _workers(services), 300)
    roles = {
        "topology" if host.address in workers else "first" if "storm-nimbus" in programs else "other": host
        for host, programs in zip(deployment.hosts, deployment.placement.values(), strict=True)
    }
    return roles[kind]


def _stays(case: Case, host: Host, services: Services) -> float:
    """Seconds after which Nimbus had given the topology to another host."""
    began, moved = time.monotonic(), math.nan
    while (passed := time.monotonic() - began) < case.seconds:
        if math.isnan(moved) and host.address not in (_workers(services) or {host.address}):
            moved = passed
        time.sleep(0.5)
    return moved


def _workers(services: Services) -> set[str]:
    """The hosts that Nimbus has given the topology to."""
    storm = services.settings.storm
    try:
        with nimbus_client(storm.nimbus) as nimbus:
            name = next(one.id for one in nimbus.getClusterInfo().topologies if one.name == storm.topology)
            return {worker.host for worker in nimbus.getTopologyPageInfo(name, ":all-time", False).workers or []}
    except Transient:
        return set()


@pytest.mark.parametrize("case", CASES, ids=str)
def test_nothing_is_lost_and_nothing_twice(case: Case, cluster: tuple[Deployment, Played], services: Services) -> None:
    deployment, _ = cluster
    host = _host(case.happens_to, deployment, services)
    others = [one for one in deployment.hosts if one is not host]
    near = next(each for each in deployment.sites if not each.startswith(f"{host.address}:"))
    for site in deployment.sites:
        assert until(lambda site=site: reason(listening(site)) is None, 300), f"{site} is not back"  # type: ignore[misc]
    traffic = Traffic(services, near)
    traffic.start()
    case.begin(host, others)
    moved = _stays(case, host, services)
    case.end(host, others)
    what = f"{host.name} ({PLACES[case.happens_to]}) {case.what}, {case.seconds:.0f} s"
    _accounted(what, "" if math.isnan(moved) else f"{moved:.0f} s", traffic)


def _accounted(what: str, moved: str, traffic: Traffic) -> None:
    """Adds a row to the table, and fails with what is wrong."""
    cells, wrong = traffic.account()
    with TABLE.open("a") as file:
        file.write(f"| {' | '.join((what, moved, *cells))} |\n")
    assert wrong == []


def test_the_primary_is_handed_over_and_back(cluster: tuple[Deployment, Played]) -> None:
    """On the replica's host each time. Where it was promoted above, the first step is the way back."""
    one, _, three = cluster[0].hosts
    for host, writes in ((one, [True, False]), (three, [False, True]), (one, [True, False])):
        if _writes(host) != writes:
            host.run("riverline", "mysql", "promote")
        assert _writes(host) == writes
        for each in (one, three):  # each learns of it by its own guard
            assert until(lambda host=each, primary=writes.index(True): _roles(host)[primary] == "primary", 30)  # type: ignore[misc]


def _roles(host: Host) -> list[str]:
    return [row["role"] for row in json.loads(host.run("riverline", "mysql", "status", "--json"))]


def _writes(host: Host) -> list[bool]:
    return [row["writes"] for row in json.loads(host.run("riverline", "mysql", "status", "--json"))]


def test_nothing_is_lost_while_another_version_is_rolled_out(
    cluster: tuple[Deployment, Played], services: Services
) -> None:
    """The same sources under the name of another commit: every program starts again, host by host."""
    deployment, _ = cluster
    traffic = Traffic(services, deployment.sites[0])
    traffic.start()
    upgraded = deployment.play(version=another_commit())
    assert not upgraded.failed, upgraded.said[-4000:]
    _accounted(f"rolled out another version, {upgraded.seconds:.0f} s", "", traffic)
