"""`sparse submit -N second` beside the stack's own topology: both do all of the work, each for itself."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import psutil
import pytest
from kafka import TopicPartition
from kafka.structs import OffsetAndMetadata

from riverline.adapters.kafka.log import KafkaLog
from riverline.adapters.kafka.topics import connect_admin
from riverline.adapters.storm.nimbus import cluster_summary
from riverline.services import Services, assemble, now_ms
from riverline.settings import Settings
from riverline_stack.release import topology
from tests.support.load import Load
from tests.support.load_account import doubled, missing, settled
from tests.support.sparse import sparse
from tests.support.stack import Told, until

NAME = "second"
PAGES = 20
PATIENCE = 180.0  # seconds until the workers of a new topology run


def begin_at_the_end(settings: Settings) -> None:
    """What other tests left in Kafka is not for this topology."""
    log, admin = assemble(settings).log, connect_admin(settings)
    ends = {
        TopicPartition(*place): OffsetAndMetadata(end, "", -1) for place, (_, end) in log.ends(log.topics()).items()
    }
    if ends:
        admin.alter_group_offsets(settings.kafka.group, ends)
    admin.close()
    log.close()


def status(stack: Settings) -> dict[str, str]:
    return {one.name: one.status for one in cluster_summary(stack.storm.nimbus).topologies or []}


@pytest.fixture(scope="module")
def second(stack: Settings) -> Iterator[Services]:
    """What the second topology has of its own, while it runs."""
    jar, own = topology.build(stack, Told().say), stack.of_topology(NAME)
    begin_at_the_end(own)
    patience = ("--timeout", str(topology.NIMBUS_MS))
    try:
        run = sparse(stack, "submit", "-e", "local", "-n", "content", "-N", NAME, "-j", str(jar), *patience)
        assert run.returncode == 0, run.stdout + run.stderr
        services = assemble(own)
        yield services
        services.log.close()
    finally:
        run = sparse(stack, "kill", "-e", "local", "-n", NAME, "--wait", "1", *patience)
        assert until(lambda: NAME not in status(stack), PATIENCE), run.stdout + run.stderr
        shutil.rmtree(own.state, ignore_errors=True)


def test_each_topology_reads_all_and_counts_for_itself(services: Services, second: Services) -> None:
    assert isinstance(services.log, KafkaLog)
    load = Load(services.log, NAME, 20.0, sites=1)
    load.start()
    assert until(lambda: len(load.acknowledged) >= PAGES, 60)
    load.end()
    for each in (services, second):  # the account of each one's own group
        found = settled(each, load)
        assert found and all(one.balanced for one in found), found
    assert missing(services, load) == [] and doubled(services, load) == []
    assert status(services.settings) == {services.settings.storm.topology: "ACTIVE", NAME: "ACTIVE"}


def test_it_keeps_a_state_of_its_own(stack: Settings, second: Services) -> None:
    own = second.settings.state
    assert own != stack.state and list((own / "seen").glob("pages-*"))


def test_it_reports_its_own_tasks(services: Services, second: Services) -> None:
    def tasks(of: Services) -> dict[int, int]:
        """How many records each spout has finished, by its process."""
        states = [one for one in of.stages.fresh(now_ms()) if one.component == "pages"]
        return {one.pid: one.counts["acked"] for one in states if psutil.pid_exists(one.pid)}

    assert until(lambda: sum(tasks(second).values()) >= PAGES, 30), tasks(second)
    assert not set(tasks(second)) & set(tasks(services))
