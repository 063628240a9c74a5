"""`GET /api/v1/crawl/fates`: how the records of a site, or a URL, ended."""

from __future__ import annotations

from typing import Any

from flask import Response, g, jsonify
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from riverline.model import Fate, Origin
from riverline.search import cursor
from riverline.search.contracts import FateQuery
from riverline_api.context import services
from riverline_api.http.datetimes import rfc3339
from riverline_api.http.problems import described
from riverline_api.http.requests import Parameters, link_next
from riverline_api.http.signing import signer

fates = APIBlueprint(
    "fates", __name__, url_prefix="/api/v1/crawl", abp_tags=[Tag(name="crawl", description="Fates of pages")]
)


class FatesQuery(Parameters):
    """Which fates; without a restriction all of the last seven days."""

    url: str = Field("", max_length=4096, description="the canonical URL of the page")
    topic: str = Field("", max_length=249, json_schema_extra={"example": "crawl.news.example"})
    outcome: str = Field(
        "", pattern=r"^(indexed|duplicate|filtered|dead)?$", description="indexed, duplicate, filtered or dead"
    )
    reason: str = Field("", max_length=128, json_schema_extra={"example": "robots"})
    limit: int = Field(50, ge=1, le=500)
    cursor: str = Field("", max_length=1024, description="`next_cursor` of the previous page")

    @property
    def key(self) -> str:
        """What must stay the same from page to page."""
        return repr((self.url, self.topic, self.outcome, self.reason))

    def query(self) -> FateQuery:
        """The core's form of it. Raises Invalid for a cursor that does not belong to it."""
        after = cursor.decoded(signer().opened(self.cursor), self.key) if self.cursor else None
        return FateQuery(self.url, self.topic, self.outcome, self.reason, self.limit, after)


class FateItem(BaseModel):
    """How one Kafka record ended."""

    origin: str = Field(description="topic-partition-offset")
    topic: str
    partition: int
    offset: int
    url: str
    outcome: str
    reason: str
    of: str = Field(description="of a duplicate: the URL with the same content")
    stage: str
    error: str
    traceback: str = Field(description="of a dead one: where in the code it failed")
    attempts: int
    at: str | None = Field(description="when the record was written")


class FatesAnswer(BaseModel):
    """One page of fates, the newest first."""

    items: list[FateItem]
    next_cursor: str | None
    total: int
    counts: dict[str, int] = Field(
        description="number of matches, by outcome and reason", examples=[{"indexed": 80, "filtered:robots": 3}]
    )
    request_id: str


@fates.get("/fates", responses={200: FatesAnswer, **described(422, 503)})
def find(query: FatesQuery) -> Response:
    """How records ended: every page that was fetched has exactly one fate."""
    found = services().index.fates(query.query())
    following = signer().signed(cursor.encoded(found.next, query.key)) if found.next else None
    link_next(following)
    return jsonify(
        items=[item(fate) for fate in found.items],
        next_cursor=following,
        total=found.total,
        counts=dict(found.counts),
        request_id=g.request_id,
    )


def item(fate: Fate) -> dict[str, Any]:
    """A fate as it is shown."""
    origin = Origin.parse(fate.origin)
    names = ("origin", "url", "outcome", "reason", "of", "stage", "error", "traceback", "attempts")
    return {
        **{name: getattr(fate, name) for name in names},
        "topic": origin.topic,
        "partition": origin.partition,
        "offset": origin.offset,
        "at": rfc3339(fate.at),
    }
