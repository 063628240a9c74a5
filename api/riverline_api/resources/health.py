"""`/health/live`: this process answers. `/health/ready`: so does every server behind it."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, Response, jsonify
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from riverline.health import Check, Examination

OK = "ok"


class Live(BaseModel):
    """The process answers."""

    status: str = Field(examples=[OK])


class Ready(BaseModel):
    """Each server by its name: `ok`, or the reason why it is not."""

    status: str = Field(description="`ok`, or `unavailable` if one is not")
    servers: dict[str, str] = Field(examples=[{"elasticsearch": OK, "kafka": "2 of 3 brokers"}])


def register(app: Flask, checks: Mapping[str, Check]) -> None:
    """Adds the two to an application."""
    health = APIBlueprint(
        "health", __name__, url_prefix="/health", abp_tags=[Tag(name="health", description="Whether it works")]
    )
    examination = Examination(checks)

    @health.get("/live", responses={200: Live})
    def live() -> Response:
        """This process answers requests."""
        return jsonify(status=OK)

    @health.get("/ready", responses={200: Ready, 503: Ready})
    def ready() -> Response:
        """Every server that the system needs, all asked at once."""
        found = examination.result()
        well = all(state == OK for state in found.values())
        answer = jsonify(status=OK if well else "unavailable", servers=found)
        answer.headers["Cache-Control"] = "no-store"
        answer.status_code = 200 if well else 503
        return answer

    app.register_api(health)  # type: ignore[attr-defined]
