"""`/api/v1/alerts`: the monitor's incidents, for administrators."""

from __future__ import annotations

import base64
import binascii
from typing import Any, Literal

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from api.context import services
from api.problems import described
from api.requests import Parameters
from api.times import rfc3339
from riverline.errors import Invalid
from riverline.monitoring.incidents import Incident

alerts = APIBlueprint(
    "alerts", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="alerts", description="What is wrong, and was")]
)


class AlertQuery(Parameters):
    """Which of them."""

    state: Literal["open", "all"] = Field("all", description="open: those that go on")
    limit: int = Field(50, ge=1, le=200)
    cursor: str = Field("", max_length=100)


class AlertItem(BaseModel):
    """A rule's condition, from when it came true until it was over."""

    rule: str
    severity: str
    subject: str = Field(description="the stage, server or program; empty where there is but one")
    since: str
    until: str | None
    value: float
    sentence: str = Field(description="what happened and what is to be done")
    sentence_ko: str


class AlertAnswer(BaseModel):
    """One page, the newest first."""

    items: list[AlertItem]
    next_cursor: str | None


@alerts.get("/alerts", responses={200: AlertAnswer, **described(422, 503)})
def find(query: AlertQuery) -> Response:
    """Incidents, the newest first."""
    found = services().incidents.page(query.limit + 1, _before(query.cursor), query.state == "open")
    shown = found[: query.limit]
    following = _cursor(shown[-1][0]) if len(found) > query.limit else None
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
    }


def _cursor(number: int) -> str:
    return base64.urlsafe_b64encode(str(number).encode()).decode().rstrip("=")


def _before(cursor: str) -> int | None:
    if not cursor:
        return None
    try:
        number = int(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (ValueError, binascii.Error):
        raise Invalid("that is no cursor", "invalid-parameter") from None
    if not 0 < number < 1 << 63:
        raise Invalid("that is no cursor", "invalid-parameter")
    return number
