"""`/api/v1/alerts`: the monitor's incidents, for administrators."""

from __future__ import annotations

from typing import Any, Literal

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from riverline.feed import cursor
from riverline.monitoring import runbooks
from riverline.monitoring.contracts import Incident
from riverline_api.context import services
from riverline_api.http.datetimes import rfc3339
from riverline_api.http.problems import described
from riverline_api.http.requests import Parameters, link_next
from riverline_api.http.signing import signer

alerts = APIBlueprint(
    "alerts", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="alerts", description="Incidents, open and over")]
)


class AlertQuery(Parameters):
    """Which of them."""

    state: Literal["open", "all"] = Field("all", description="open: only those that are open")
    limit: int = Field(50, ge=1, le=200)
    cursor: str = Field("", max_length=100, description="`next_cursor` of the previous page")

    @property
    def of(self) -> str:
        """What a cursor belongs to."""
        return f"alerts:{self.state}"

    @property
    def before(self) -> int | None:
        """The incident that the page before ended with. Raises Invalid for a cursor of another list."""
        return cursor.decoded(signer().opened(self.cursor), self.of) if self.cursor else None


class AlertItem(BaseModel):
    """A rule's condition, from when it came true until it was over."""

    rule: str
    severity: str
    subject: str = Field(description="the stage, server or program; empty if there is only one")
    since: str
    until: str | None
    value: float
    sentence: str = Field(description="what happened and what to do")
    sentence_ko: str
    runbook: str = Field(description="the page that says what to do, on this site")


class AlertAnswer(BaseModel):
    """One page, the newest first."""

    items: list[AlertItem]
    next_cursor: str | None


@alerts.get("/alerts", responses={200: AlertAnswer, **described(422, 503)})
def find(query: AlertQuery) -> Response:
    """Incidents, the newest first."""
    found = services().incidents.page(query.limit + 1, query.before, query.state == "open")
    shown = found[: query.limit]
    following = signer().signed(cursor.encoded(shown[-1][0], query.of)) if len(found) > query.limit else None
    link_next(following)
    return jsonify(items=[item(incident) for _, incident in shown], next_cursor=following)


def item(incident: Incident) -> dict[str, Any]:
    """An incident as the API shows it."""
    english, _, korean = incident.sentence.partition("\n")
    return {
        "rule": incident.rule,
        "severity": incident.severity,
        "subject": incident.subject,
        "since": rfc3339(incident.since),
        "until": rfc3339(incident.until),
        "value": incident.value,
        "sentence": english,
        "sentence_ko": korean,
        "runbook": runbooks.address(incident.rule),
    }
