"""`/api/v1/outbox`: what is still to be done after changes, for administrators: parked jobs are seen and retried."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from riverline.feed.contracts import Parked
from riverline_api.context import services
from riverline_api.http.datetimes import rfc3339
from riverline_api.http.problems import described
from riverline_api.http.requests import Parameters

outbox = APIBlueprint(
    "outbox",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="outbox", description="Jobs that follow from changes")],
)

LARGEST_ID = (1 << 63) - 1
JobId = Annotated[int, Field(ge=0, le=LARGEST_ID)]


class OutboxQuery(Parameters):
    """Which parked jobs."""

    limit: int = Field(50, ge=1, le=200)
    after: JobId = Field(0, description="`next_after` of the previous page")


class ParkedItem(BaseModel):
    """A job that failed repeatedly while all servers answered, and is not retried automatically."""

    id: int
    task: str
    payload: dict[str, Any]
    failures: int
    error: str = Field(description="of the last failure")
    created_at: str
    parked_at: str


class OutboxAnswer(BaseModel):
    waiting: int = Field(description="jobs neither done nor parked")
    oldest_seconds: int = Field(description="age of the oldest of them")
    parked: list[ParkedItem] = Field(description="by ascending id")
    next_after: int | None


class Retried(Parameters):
    """Which parked jobs are to be sent again."""

    ids: list[JobId] = Field(min_length=1, max_length=200)


class RetriedAnswer(BaseModel):
    sent: int
    passed_over: int = Field(description="skipped: no longer parked")


@outbox.get("/outbox", responses={200: OutboxAnswer, **described(422, 503)})
def read(query: OutboxQuery) -> Response:
    """How many jobs wait, and those that are parked."""
    repository = services().feed.repository
    waiting, oldest = repository.depth()
    found = repository.parked(query.after, query.limit + 1)
    shown = found[: query.limit]
    following = shown[-1].job.id if len(found) > query.limit else None
    items = [item(one) for one in shown]
    return jsonify(waiting=waiting, oldest_seconds=oldest, parked=items, next_after=following)


@outbox.post("/outbox/retries", responses={200: RetriedAnswer, **described(422, 503)})
def retry(body: Retried) -> Response:
    """Sends parked jobs again, within seconds. Running one twice is harmless."""
    chosen = set(body.ids)
    sent = services().feed.repository.unpark(sorted(chosen))
    return jsonify(sent=sent, passed_over=len(chosen) - sent)


def item(parked: Parked) -> dict[str, Any]:
    """ParkedItem."""
    return {
        "id": parked.job.id,
        "task": parked.job.task,
        "payload": dict(parked.job.payload),
        "failures": parked.failures,
        "error": parked.error,
        "created_at": rfc3339(parked.created_at),
        "parked_at": rfc3339(parked.parked_at),
    }
