"""Three hosts, deployed by ops/ansible: what a host that dies, or is cut off, costs. Nothing is lost, nothing is twice.

`make cluster-chaos` runs it (10 GiB of memory, half an hour). It is skipped where there are no hosts to be had.
"""

from __future__ import annotations

import math
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

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
from tests.support.deployment import Deployment, Played
from tests.support.feed_account import settled as feed_settled
from tests.support.feed_load import FeedLoad
from tests.support.hosts import Host, hosts, lacking
from tests.support.load import Load
from tests.support.load_account import doubled, missing, settled
from tests.support.stack import until

WHY_NOT = lacking() or ("" if os.environ.get("CLUSTER") else "make cluster-chaos runs it: it takes half an hour")
pytestmark = [pytest.mark.cluster, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)]

RATE = 10.0  # pages a second
POSTS = 4.0  # requests of people a second
FLOWING = 50  # pages that Kafka has taken when it happens
AWAY = 180.0  # seconds that a host is away
TABLE = ROOT / "artefacts" / "cluster.md"
COLUMNS = (
    "what happened",
    "topology elsewhere after",
    "pages",
    "lost",
    "twice",
    "posts",
    "missing or too many",
    "longest without an answer",
    "balanced after",
)
HEADER = f"| {' | '.join(COLUMNS)} |\n" + "|---" * len(COLUMNS) + "|\n"


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Deployment, Played]]:
    folder = tmp_path_factory.mktemp("cluster")
    key = folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)], check=True)
    cache = Settings().stack.cache
    with hosts(folder / "hosts", cache, ("one", "two", "three"), key.with_suffix(".pub").read_text()) as up:
        deployment = Deployment("three-hosts", up, folder / "inventory", key)
        played = deployment.play()
        assert not played.failed, played.said[-6000:]
        TABLE.parent.mkdir(exist_ok=True)
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


def _powered_off(host: Host, services: Services) -> float:
    host.power_off()
    moved = _stays_away(host, services)
    host.boot()
    return moved


def _cut_off(host: Host, services: Services) -> float:
    host.cut()
    moved = _stays_away(host, services)
    host.join()
    return moved


def _stays_away(host: Host, services: Services) -> float:
    """Seconds after which Nimbus had given the topology to another host."""
    began, moved = time.monotonic(), math.inf
    while (passed := time.monotonic() - began) < AWAY:
        if moved == math.inf and host.address not in (_workers(services) or {host.address}):
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


@pytest.mark.parametrize(
    ("name", "happens"), [("powered off", _powered_off), ("cut off", _cut_off)], ids=["powered-off", "cut-off"]
)
def test_nothing_is_lost_and_nothing_twice(
    name: str,
    happens: Callable[[Host, Services], float],
    cluster: tuple[Deployment, Played],
    services: Services,
) -> None:
    deployment, _ = cluster
    site = services.settings.api.site
    load, people = Load(services.log, f"{time.time_ns():x}", RATE), FeedLoad(site, POSTS)
    load.start()
    people.start()
    assert until(lambda: len(load.acknowledged) >= FLOWING or bool(load.given_up), 120), "the load does not flow"
    host = next(one for one in deployment.hosts if one.address in _workers(services))
    moved = happens(host, services)
    wanted = len(load.acknowledged) + FLOWING
    assert until(lambda: len(load.acknowledged) >= wanted or bool(load.given_up), 300), "the load stood still"
    load.end()
    people.end(120)
    ended = time.monotonic()
    found = settled(services, load)
    account, _ = feed_settled(people, services, site)
    took = time.monotonic() - ended
    lost, twice = missing(services, load), doubled(services, load)
    wrong = account.missing + account.extra + account.twice + account.unfound
    with TABLE.open("a") as file:
        file.write(
            f"| host {host.name}, which ran the topology, {name} for {AWAY:.0f} s | {moved:.0f} s "
            f"| {len(load.acknowledged)} | {len(lost)} | {len(twice)} "
            f"| {len(people.said.posts)} | {wrong} | {people.longest_silence:.1f} s | {took:.0f} s |\n"
        )
    assert not load.given_up and people.said.errors == []
    assert all(each.balanced for each in found), [each for each in found if not each.balanced]
    assert lost == [] and twice == []
    assert account.right, vars(account)
