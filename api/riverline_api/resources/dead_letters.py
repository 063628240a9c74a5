"""`/api/v1/dead-letters`: records that could not be processed, for administrators: looked at, sent again, dismissed."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from typing import Annotated, Any, Literal

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from riverline.errors import Transient
from riverline.pipeline.contracts import DeadLetter, LetterQuery, LetterState
from riverline_api.context import services
from riverline_api.http.datetimes import rfc3339
from riverline_api.http.problems import described
from riverline_api.http.requests import Parameters, link_next
from riverline_api.http.trail import note_done

dead_letters = APIBlueprint(
    "dead-letters",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="dead-letters", description="Records that could not be processed")],
)

MOST_OFFSET = (1 << 63) - 1
Offset = Annotated[int, Field(ge=0, le=MOST_OFFSET)]
State = Literal["", "waiting", "sent", "settled", "dismissed"]


class DeadQuery(Parameters):
    """Which of them."""

    limit: int = Field(50, ge=1, le=200)
    state: State = Field("", description="waiting, sent, settled or dismissed; empty: all")
    stage: str = Field("", max_length=64, description="where it failed last")
    reason: str = Field("", max_length=128, description="what its error begins with, such as broken_pdf")
    url: str = Field("", max_length=2048, description="a part of the address")
    partition: int | None = Field(None, ge=0, le=1000, description="of the topic of dead letters")
    before: Offset | None = Field(None, description="`next_before` of the previous page")

    def letters(self, state: LetterState | None) -> LetterQuery:
        """The core's form of it, for one letter more than asked for."""
        return LetterQuery(state, self.partition, self.before, self.limit + 1, self.stage, self.reason, self.url)


class DeadItem(BaseModel):
    """A record that failed, with all the replays of it that failed too: one dead letter."""

    partition: int
    offset: int = Field(description="position of its newest copy in the topic of dead letters")
    root: str = Field(description="the record that failed first: topic-partition-offset")
    origin: str = Field(description="the record that failed last: the same, or a replay of it")
    url: str
    stage: str
    error: str
    attempts: int = Field(description="attempts over all its failures")
    failures: int = Field(description="how often it became a dead letter")
    failed_at: str | None
    state: str = Field(
        description="waiting; sent: being processed again; settled: processed after all, or a newer record of the "
        "page was; dismissed: left as it is"
    )


class DeadAnswer(BaseModel):
    """One page, the newest first."""

    items: list[DeadItem]
    next_before: int | None
    total: int = Field(description="in that state")
    states: dict[str, int] = Field(description="how many are in each state")


class ChosenLetters(Parameters):
    """One of them."""

    partition: int = Field(ge=0, le=1000)
    offset: Offset


class Choice(Parameters):
    """Which of them."""

    records: list[ChosenLetters] = Field(min_length=1, max_length=200)

    @property
    def places(self) -> set[tuple[int, int]]:
        return {(one.partition, one.offset) for one in self.records}


class AgainAnswer(BaseModel):
    sent: int
    passed_over: int = Field(description="skipped: gone, settled, or without a page")


class DismissedAnswer(BaseModel):
    dismissed: int
    passed_over: int = Field(description="skipped: gone, settled or dismissed")


@dead_letters.get("/dead-letters", responses={200: DeadAnswer, **described(422, 503)})
def find(query: DeadQuery) -> Response:
    """Dead letters, the newest first."""
    found = listed(query)
    link_next(None if found["next_before"] is None else str(found["next_before"]), "before")
    return jsonify(found)


def listed(query: DeadQuery) -> dict[str, Any]:
    """DeadAnswer. While the brokers or the index do not answer: as it was known last. Raises Transient."""
    queue = services().dead_letters
    with contextlib.suppress(Transient):
        queue.catch_up()
    state = LetterState(query.state) if query.state else None
    found = queue.catalogue.page(query.letters(state))
    shown, counts = found[: query.limit], queue.catalogue.counts()
    return {
        "items": [_item(letter) for letter in shown],
        "next_before": shown[-1].id if len(found) > query.limit else None,
        "total": sum(counts.values()) if state is None else counts[state],
        "states": {each.value: count for each, count in counts.items()},
    }


@dead_letters.post("/dead-letters/replays", responses={200: AgainAnswer, **described(422, 503)})
def again(body: Choice) -> Response:
    """Sends dead letters through the topology again. Repeating it is harmless."""
    sent = send_again(body.places)
    return jsonify(sent=sent, passed_over=len(body.places) - sent)


@dead_letters.post("/dead-letters/dismissals", responses={200: DismissedAnswer, **described(422, 503)})
def dismissed(body: Choice) -> Response:
    """Dismisses dead letters. One that is sent again and fails again goes back to waiting."""
    count = dismiss(body.places)
    return jsonify(dismissed=count, passed_over=len(body.places) - count)


def send_again(places: Collection[tuple[int, int]]) -> int:
    """How many of the dead letters, by partition and offset, were there and were sent. Raises Transient."""
    queue = services().dead_letters
    sent = sum(step.sent for step in queue.send_again(queue.at(places)))
    note_done("letters.replay", f"{sent} dead letters")
    return sent


def dismiss(places: Collection[tuple[int, int]]) -> int:
    """How many of the dead letters, by partition and offset, were dismissed. Raises Transient."""
    queue = services().dead_letters
    dismissed = queue.dismiss(queue.at(places))
    note_done("letters.dismiss", f"{dismissed} dead letters")
    return dismissed


def _item(letter: DeadLetter) -> dict[str, Any]:
    names = ("partition", "offset", "root", "origin", "url", "stage", "error", "attempts", "failures")
    failed_at = None if letter.failed_at is None else rfc3339(letter.failed_at)
    return {**{name: getattr(letter, name) for name in names}, "failed_at": failed_at, "state": letter.state.value}
