"""Tasks that carry changes to timelines, and posts to the index. Each has a row in the outbox until it is done."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Mapping
from functools import cache
from typing import Any

from celery import Task
from celery.utils.log import get_task_logger

from riverline.adapters.elasticsearch.post_documents import PostDocuments
from riverline.adapters.redis.celery_queues import LONG, TIMELINES, CeleryQueues
from riverline.adapters.redis.connection import Node
from riverline.errors import Transient
from riverline.feed.contracts import Job
from riverline.feed.jobs import JobRunner
from riverline.monitoring.checks import note_differences
from riverline_tasks.app import app, settings
from riverline_tasks.context import services

SAMPLE = 20  # timelines that are compared each minute
LONGEST_PAUSE_SECONDS = 30
BROKER_SECONDS = 2.0
LATE_SECONDS = 5  # what has been on its way for longer is seen by the age of the outbox, not by what timelines lack
DELIVER, DELIVER_REST = "tasks.deliver", "tasks.deliver_rest"

log = get_task_logger(__name__)


def name_of(job: Job) -> str:
    """The task that does a job. What is left of a long one has a queue of its own, so that it delays no other."""
    return DELIVER_REST if job.payload.get("after") else DELIVER


@cache
def delivery() -> JobRunner:
    """What does the jobs in this process."""
    index = PostDocuments(services().index, settings.api.site)
    return services().feed.delivery(index, _send)


def _send(job: Job) -> None:
    try:
        app.send_task(name_of(job), (job.id, job.task, dict(job.payload)), retry=False, ignore_result=True)
    except Exception as error:  # whatever the queue's client raises: the sweep sends the job again
        log.warning("job %s %s not sent: %s", job.id, job.task, error)


def _deliver(task: Task[..., Any], job_id: int, name: str, payload: Mapping[str, Any]) -> None:
    """Does a job; tries again after a pause while a server is away. After the last time the sweep takes over, as after
    a fault of the job itself, until it is parked."""
    try:
        delivery().run(Job(job_id, name, payload))
    except Transient as error:
        pause = min(2**task.request.retries, LONGEST_PAUSE_SECONDS) * random.uniform(0.1, 0.5)
        raise task.retry(exc=error, countdown=pause, max_retries=8) from error


@app.task(name=DELIVER, bind=True)
def deliver(self: Task[..., Any], job_id: int, name: str, payload: Mapping[str, Any]) -> None:
    """A job, or its first chunk."""
    _deliver(self, job_id, name, payload)


@app.task(name=DELIVER_REST, bind=True)
def deliver_rest(self: Task[..., Any], job_id: int, name: str, payload: Mapping[str, Any]) -> None:
    """A further chunk of a long job."""
    _deliver(self, job_id, name, payload)


@cache
def broker() -> CeleryQueues:
    """Where the tasks of this process come from."""
    return CeleryQueues(Node(settings.celery.broker, BROKER_SECONDS, server=settings.celery), services().now_ms)


@app.task(name="tasks.sweep_outbox", expires=10)
def sweep_outbox() -> int:
    """Sends jobs again that nothing was heard of for 10 s since they must have left their queue."""
    waiting = max(queue.seconds for queue in broker().waiting((TIMELINES, LONG)))
    return delivery().sweep(waiting=waiting)


@app.task(name="tasks.purge_outbox")
def purge_outbox() -> int:
    """Forgets jobs that were done a day ago."""
    return services().feed.repository.purge()


@app.task(name="tasks.reconcile_timelines", expires=60)
def reconcile_timelines() -> int:
    """Compares some cached timelines with the query, and drops those that differ. Returns how many did."""
    feed = services().feed
    if feed.repository.late(LATE_SECONDS):
        log.info("timelines are not compared: changes are still on their way")
        return 0
    newest = feed.repository.newest_user()
    chosen = feed.checker.cached(random.sample(range(1, newest + 1), min(newest, SAMPLE * 10)))
    found = [feed.checker.difference(user_id) for user_id, _ in zip(chosen, range(SAMPLE), strict=False)]
    differences = [one for one in found if one]
    for one in differences:
        log.error("timeline of user %s: missing %s, too many %s", one.user_id, one.missing, one.extra)
    with contextlib.suppress(Transient):  # a missed note is seen by the next check that finds something
        note_differences(services().key_value, len(differences))
    return len(differences)
