"""A backup, everything lost, a restore: what people see is the same as before."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import pytest
from redis import Redis

from riverline.assembly import Services, assemble
from riverline.content.audit import accounts
from riverline.errors import Invalid
from riverline.model import Target
from riverline.settings import Settings
from riverline.stores.contracts import FateQuery, topic_of
from stack import lifecycle, servers
from stack.addresses import host_of, port_of
from stack.backup import folder
from stack.backup.create import MYSQL, create
from stack.backup.fingerprint import differences, fingerprint
from stack.backup.restore import restore
from stack.backup.verify import verify
from stack.replication import administering
from stack.roles import leader_address
from tests.support.load import page
from tests.support.stack import Told, until

SOON = 180.0  # seconds in which what was written is everywhere


@pytest.fixture(scope="module")
def services(stack: Settings) -> Iterator[Services]:
    made = assemble(stack)
    yield made
    made.log.close()


@pytest.fixture(scope="module")
def filled(stack: Settings, services: Services) -> str:
    """People with posts, a target and pages that are indexed: the host of the pages."""
    host = f"kept-{uuid.uuid4().hex[:8]}.example"
    writer = services.feed.writer(lambda job: None)
    people = [writer.create_user(f"{uuid.uuid4().hex}@example.org", f"사람 {number}").id for number in range(4)]
    for one in people[1:]:
        writer.follow(people[0], one)
    for number in range(12):
        writer.post(people[number % 4], f"글 {number} {host}", ("백업",), "ko-KR")
    services.targets.add(Target(host, start_urls=(f"http://{host}/",), enabled=False))
    for number in range(10):
        services.log.append(topic_of(host), page(host, number))
    services.log.flush()
    assert until(lambda: indexed(services, host) == 10, SOON)
    assert until(lambda: services.feed.ledger.depth()[0] == 0, SOON)
    return host


def indexed(services: Services, host: str) -> int:
    services.index.refresh()
    return services.index.fates(FateQuery(topic=topic_of(host), outcome="indexed")).total


def lose_everything(stack: Settings, services: Services) -> None:
    with administering(stack, leader_address(stack)) as cursor:
        cursor.execute(f"DROP DATABASE `{stack.mysql.database}`")
    for pattern in ("documents-v*", "searches-*", "fates-*"):
        found = services.index.connection.call("GET", f"/{pattern}/_alias")  # type: ignore[attr-defined]
        for name in found:
            services.index.connection.call("DELETE", f"/{name}")  # type: ignore[attr-defined]
    for address in stack.redis.nodes:
        with Redis(host_of(address), port_of(address)) as client:
            if client.info("replication")["role"] == "master":
                client.flushall()


def all_ready(stack: Settings) -> bool:
    return all(row.ready for row in lifecycle.status(stack, servers.programs(stack)))


def test_searches_timelines_and_targets_are_equal_after_everything_was_lost(
    stack: Settings, services: Services, filled: str
) -> None:
    before = fingerprint(stack)
    made = create(stack, Told().say)
    assert verify(stack, made.name, Told().say) == []
    assert sum(len(ids) for ids in before["timelines"].values()) > 0 and len(before["targets"]) > 0
    lose_everything(stack, services)
    restore(stack, made.name, Told())
    after = fingerprint(stack, before["now_ms"], tuple(before["queries"]))
    assert list(differences(before, after)) == []
    assert until(lambda: all_ready(stack), SOON)


def test_what_was_fetched_after_the_backup_is_indexed_after_the_restore(
    stack: Settings, services: Services, filled: str
) -> None:
    made = create(stack, Told().say)
    late = page(filled, 1000)
    services.log.append(topic_of(filled), late)
    services.log.flush()
    assert until(lambda: indexed(services, filled) == 11, SOON)
    done = restore(stack, made.name, Told())
    assert done.again >= 1
    assert until(lambda: indexed(services, filled) == 11, SOON)
    assert services.index.stored([late.key]).keys() == {late.key}
    assert until(lambda: all(a.balanced for a in accounts(services.log, services.index, [topic_of(filled)])), SOON)
    assert until(lambda: all_ready(stack), SOON)


def test_a_backup_may_be_read_by_its_owner_alone(stack: Settings, filled: str) -> None:
    made = create(stack, Told().say)
    path = folder.path_of(stack, made.name)
    assert [each.name for each in path.rglob("*") if each.stat().st_mode & 0o077] == []
    assert path.stat().st_mode & 0o077 == 0


def test_a_broken_backup_is_not_restored(stack: Settings, filled: str) -> None:
    made = create(stack, Told().say)
    path = folder.path_of(stack, made.name) / MYSQL
    with path.open("r+b") as file:
        file.seek(made.bytes // 4)
        file.write(b"\0" * 64)
    assert [line.split()[0] for line in verify(stack, made.name, Told().say)] == [MYSQL]
    with pytest.raises(Invalid, match="is not restored"):
        restore(stack, made.name, Told())
    assert all_ready(stack)
