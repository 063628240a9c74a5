"""`/api/v1/dead-letters`: records that could not be processed, for administrators: looked at, and sent again."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import islice
from typing import Annotated, Any

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from api.context import services
from api.problems import described
from api.requests import Parameters
from api.times import rfc3339
from riverline.content.replay import Place, Start, ranges, replay
from riverline.errors import Invalid, NotFound
from riverline.stores.contracts import PageLog, Raw
from riverline.stores.records import failure_of

dead_letters = APIBlueprint(
    "dead-letters",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="dead-letters", description="Records that could not be processed")],
)

MOST_OFFSET = (1 << 63) - 1
CHUNK = 200  # records read at a time, from the end
Offset = Annotated[int, Field(ge=0, le=MOST_OFFSET)]


class DeadQuery(Parameters):
    """Which of them."""

    limit: int = Field(50, ge=1, le=200)
    partition: int = Field(0, ge=0, le=1000, description="of the topic of dead letters")
    before: Offset | None = Field(None, description="`next_before` of the page before")


class DeadItem(BaseModel):
    """One dead letter."""

    partition: int
    offset: int
    origin: str = Field(description="the record that failed: topic-partition-offset")
    url: str
    stage: str
    error: str
    attempts: int
    failed_at: str | None


class DeadAnswer(BaseModel):
    """One page, the newest first."""

    items: list[DeadItem]
    next_before: int | None
    total: int = Field(description="records in this partition")


class Chosen(Parameters):
    """One of them."""

    partition: int = Field(ge=0, le=1000)
    offset: Offset


class Again(Parameters):
    """Which are to be sent again."""

    records: list[Chosen] = Field(min_length=1, max_length=200)


class AgainAnswer(BaseModel):
    sent: int
    passed_over: int = Field(description="those that are not there any more, or hold no page")


@dead_letters.get("/dead-letters", responses={200: DeadAnswer, **described(422, 503)})
def find(query: DeadQuery) -> Response:
    """Dead letters, the newest first."""
    return jsonify(listed(query))


def listed(query: DeadQuery) -> dict[str, Any]:
    """DeadAnswer. Raises Transient."""
    log, place = services().log, (services().settings.kafka.dead_letter, query.partition)
    first, end = _spans(log, place[0]).get(place, (0, 0))
    before = end if query.before is None else max(first, min(query.before, end))
    found = list(islice(_backwards(log, place, first, before), query.limit + 1))
    shown = found[: query.limit]
    following = shown[-1].offset if len(found) > query.limit else None
    return {"items": [_item(record) for record in shown], "next_before": following, "total": end - first}


@dead_letters.post("/dead-letters/replays", responses={200: AgainAnswer, **described(422, 503)})
def again(body: Again) -> Response:
    """Sends dead letters through the topology again. Twice changes nothing: the index holds one version of a page."""
    chosen = {(one.partition, one.offset) for one in body.records}
    sent = send_again(chosen)
    return jsonify(sent=sent, passed_over=len(chosen) - sent)


def send_again(chosen: Collection[tuple[int, int]]) -> int:
    """How many of the dead letters, by partition and offset, were there and were sent. Raises Transient."""
    log, topic = services().log, services().settings.kafka.dead_letter
    there, sent = _spans(log, topic), 0
    for partition, offset in sorted(chosen):
        first, end = there.get((topic, partition), (0, 0))
        if first <= offset < end:
            steps = replay(log, {(topic, partition): (offset, offset + 1)}, topic)
            sent += sum(step.sent for step in steps)
    return sent


def _spans(log: PageLog, topic: str) -> dict[Place, tuple[int, int]]:
    try:
        return ranges(log, topic, Start())
    except NotFound:  # nothing has failed yet
        return {}


def _backwards(log: PageLog, place: Place, first: int, before: int) -> Iterator[Raw]:
    while before > first:
        start = max(first, before - CHUNK)
        yield from reversed(list(log.raw(*place, start, before)))
        before = start


def _item(record: Raw) -> dict[str, Any]:
    there = {
        "partition": record.partition,
        "offset": record.offset,
        "url": (record.key or b"").decode(errors="replace"),
    }
    try:
        failure = failure_of(record)
    except Invalid as error:
        return {**there, "origin": "", "stage": "", "error": str(error), "attempts": 0, "failed_at": None}
    return {
        **there,
        "origin": str(failure.origin),
        "stage": failure.stage,
        "error": failure.error,
        "attempts": failure.attempts,
        "failed_at": rfc3339(failure.failed_at),
    }
