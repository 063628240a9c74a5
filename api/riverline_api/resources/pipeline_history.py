"""`/api/v1/pipeline/history`: the last day of the monitor's numbers, for plots."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from riverline.errors import Invalid
from riverline.monitoring.history import KEPT_MS, choice, read
from riverline_api.context import services
from riverline_api.http.datetimes import Time, rfc3339
from riverline_api.http.problems import described
from riverline_api.http.requests import Parameters

pipeline_history = APIBlueprint(
    "pipeline-history",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="pipeline", description="State of the processing")],
)

HOUR_MS = 3_600_000
USUAL = ("lag", "inflow", "throughput", "catch_up", "dead_letters", "stage_busy/*", "stage_latency/*", "executors/*")
MOST = 50  # names of series


class HistoryQuery(Parameters):
    """Of which time, and what."""

    since: Time = Field(None, alias="from", description="an hour before the end, if not given; a day at most")
    until: Time = Field(None, alias="to", description="now, if not given")
    series: str = Field(
        "",
        max_length=2000,
        description="names separated by commas, as in the monitor's metrics; `stage_busy/parse` for one of its "
        "subjects, `stage_busy/*` for all; if not given, those of the pipeline",
        json_schema_extra={"example": "lag,stage_busy/*"},
    )

    def span(self, now_ms: int) -> tuple[int, int]:
        """Raises Invalid for a span that is empty, or longer than a day."""
        until = now_ms if self.until is None else self.until
        since = until - HOUR_MS if self.since is None else self.since
        if not 0 <= since <= until or until - since > KEPT_MS:
            raise Invalid("from must be before to, by a day at most", "invalid-parameter")
        return since, until

    @property
    def names(self) -> list[str]:
        """Raises Invalid for too many."""
        names = [name.strip() for name in self.series.split(",") if name.strip()] or list(USUAL)
        if len(names) > MOST:
            raise Invalid(f"{MOST} series at most", "invalid-parameter")
        return names


class ActionItem(BaseModel):
    """What was made larger or smaller."""

    at: str
    what: str
    before: int
    after: int
    reason: str
    outcome: str


class HistoryAnswer(BaseModel):
    """A point each half minute: [ms since 1970, value]."""

    series: dict[str, list[tuple[int, float]]]
    actions: list[ActionItem] = Field(description="what the monitor did in that time")


@pipeline_history.get("/pipeline/history", responses={200: HistoryAnswer, **described(422, 503)})
def history(query: HistoryQuery) -> Response:
    """History of the processing. Empty where no monitor runs."""
    return jsonify(history_of(*query.span(services().now_ms()), query.names))


def history_of(since: int, until: int, names: list[str]) -> dict[str, Any]:
    """The answer: points and actions of that time (ms)."""
    found = read(services().key_value, since, until, choice(names))
    actions = services().incidents.actions(since, until)
    return {
        "series": found,
        "actions": [
            {
                "at": rfc3339(one.at),
                "what": one.what,
                "before": one.before,
                "after": one.after,
                "reason": one.reason,
                "outcome": one.outcome,
            }
            for one in actions
        ],
    }
