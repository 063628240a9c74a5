"""Shared by the handlers of users and posts: access to the feed, and sending jobs."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from riverline.feed.contracts import Job
from riverline.feed.feed import Feed
from riverline.feed.writer import FeedWriter
from riverline_api.context import send, services

MOST_ID = (1 << 53) - 1
Id = Annotated[int, Field(ge=1, le=MOST_ID)]


def feed() -> Feed:
    """The timelines and their ledger."""
    return services().feed


def writer() -> FeedWriter:
    """What changes them."""
    return feed().writer(send_job)


def send_job(job: Job) -> None:
    """Hands a job to the workers; what is dropped is found in the outbox."""
    send()("tasks.deliver", job.id, job.task, dict(job.payload))
