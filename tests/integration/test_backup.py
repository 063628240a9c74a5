"""A backup, everything lost, a restore: what people see is the same as before.

There is one restore, which all tests look at.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass

import pytest

from riverline.model import Page, Target
from riverline.pipeline.audit import accounts
from riverline.pipeline.contracts import topic_of
from riverline.search.contracts import FateQuery
from riverline.services import Services
from riverline.settings import Settings
from riverline_stack.backup import folder
from riverline_stack.backup.create import create
from riverline_stack.backup.fingerprint import Fingerprint, differences, fingerprint
from riverline_stack.backup.folder import Manifest
from riverline_stack.backup.restore import Restored, restore
from riverline_stack.backup.verify import verify
from riverline_stack.servers import redis_servers, servers
from riverline_stack.servers.replication import administering
from riverline_stack.servers.roles import leader_address
from riverline_stack.supervision import lifecycle
from tests.support.load import page
from tests.support.stack import Told, until

SOON = 180.0  # seconds in which what was written is everywhere


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
    assert until(lambda: services.feed.repository.depth()[0] == 0, SOON)
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
        with redis_servers.administering(stack, address) as client:
            if client.info("replication")["role"] == "master":
                client.flushall()


@dataclass(frozen=True)
class Course:
    """What happened: a backup, a page that was fetched after it, the loss of everything, the restore."""

    host: str
    made: Manifest
    problems: list[str]  # of the backup
    late: Page
    before: Fingerprint  # with the late page in it
    done: Restored
    after: Fingerprint


@pytest.fixture(scope="module")
def course(stack: Settings, services: Services, filled: str) -> Course:
    made = create(stack, Told().say)
    problems = verify(stack, made.name, Told().say)
    late = page(filled, 1000)
    services.log.append(topic_of(filled), late)
    services.log.flush()
    assert until(lambda: indexed(services, filled) == 11, SOON)
    before = fingerprint(stack)
    lose_everything(stack, services)
    done = restore(stack, made.name, Told())
    after = fingerprint(stack, before["now_ms"], tuple(before["queries"]))
    return Course(filled, made, problems, late, before, done, after)


def test_searches_timelines_and_targets_are_equal_after_everything_was_lost(course: Course) -> None:
    assert "\n".join(differences(course.before, course.after)) == ""
    assert any(course.before["timelines"].values()) and course.before["targets"]
    assert any(found["urls"] for found in course.before["searches"].values())


def test_what_was_fetched_after_the_backup_is_indexed_after_the_restore(services: Services, course: Course) -> None:
    assert course.done.again >= 1
    assert indexed(services, course.host) == 11
    assert services.index.stored([course.late.key]).keys() == {course.late.key}
    topics = [topic_of(course.host)]
    assert until(lambda: all(each.balanced for each in accounts(services.log, services.index, topics)), SOON)


def test_a_backup_is_whole_and_may_be_read_by_its_owner_alone(stack: Settings, course: Course) -> None:
    path = folder.path_of(stack, course.made.name)
    assert course.problems == []
    assert [each.name for each in (path, *path.rglob("*")) if each.stat().st_mode & 0o077] == []


def test_everything_runs_after_a_restore(stack: Settings, course: Course) -> None:
    programs = servers.programs(stack)
    assert until(lambda: all(row.ready for row in lifecycle.status(stack, programs)), SOON), [
        (row.name, row.why) for row in lifecycle.status(stack, programs) if not row.ready
    ]
