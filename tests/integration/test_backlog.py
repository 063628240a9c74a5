"""A queue that has become long gets short again: what waits in it is not sent a second time."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import text

from riverline.adapters.mysql.database import Database
from riverline.services import Services
from riverline.settings import Settings
from riverline_stack.servers.application_programs import CELERY
from riverline_stack.supervision.supervise import Supervisor
from tests.support.people import Account, client, joined
from tests.support.stack import until

POSTS = 400  # some seconds of work for the workers


@pytest.fixture
def mysql(stack: Settings) -> Iterator[Database]:
    made = Database(stack)
    yield made
    made.close()


@pytest.fixture
def stopped(stack: Settings) -> Iterator[Supervisor]:
    """Celery's worker is away; it is back afterwards."""
    supervisor = Supervisor(stack)
    supervisor.stop(CELERY)
    yield supervisor
    supervisor.start(CELERY)


def test_jobs_that_wait_are_not_sent_again(
    stack: Settings, services: Services, mysql: Database, stopped: Supervisor
) -> None:
    people = joined(stack)
    with client(stack) as api:
        posts = [_posted(api, people[number % len(people)], number) for number in range(POSTS)]
    wanted = [f'{{"post_id":{post}' for post in posts]
    assert until(lambda: _jobs(mysql, "due_at < NOW(3)", wanted)[0] == 2 * POSTS, 60), "they are not overdue"
    stopped.start(CELERY)
    assert until(lambda: _jobs(mysql, "done_at IS NOT NULL", wanted)[0] == 2 * POSTS, 120), "they are not done"
    # Some may have been taken out of the queue and not been done when the sweep came by.
    assert _jobs(mysql, "TRUE", wanted)[1] <= 2 * POSTS * 0.05
    for person in people:
        assert services.feed.checker.difference(person.id, repair=False) is None


def _posted(api: httpx.Client, author: Account, number: int) -> int:
    body = {"user_id": author.id, "contents": f"밀린 글 {number}"}
    answer = api.post("/posts", json=body, headers={"authorization": f"Bearer {author.token}"})
    return int(answer.raise_for_status().json()["id"])


def _jobs(mysql: Database, where: str, payloads: list[str]) -> tuple[int, int]:
    """How many of the jobs there are, and how often they were sent again in sum."""
    query = text(f"SELECT payload, attempts FROM outbox WHERE {where} AND task IN ('fan_out', 'index_post')")
    with mysql.reading(fresh=True) as connection:
        rows = connection.execute(query).all()
    known = set(payloads)
    own = [row.attempts for row in rows if row.payload.split(",")[0].rstrip("}") in known]
    return len(own), sum(own)
