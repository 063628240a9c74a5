"""`POST /api/v1/search/clicks`: a result was opened. It counts once per person, page and day, and only if that search
showed it; clicks by bots do not count."""

from __future__ import annotations

import contextlib

from flask import Response, abort, jsonify
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from riverline.errors import Transient
from riverline_api.context import send, services
from riverline_api.http.problems import described
from riverline_api.http.requests import Parameters
from riverline_api.resources.impressions import urls_of
from riverline_api.resources.persons import is_bot, person

DAY_MS = 86_400_000

clicks = APIBlueprint(
    "clicks",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="search", description="Search in pages and posts")],
)


class NewClick(Parameters):
    """Which result of which search."""

    request_id: str = Field(pattern=r"^[0-9a-f]{32}$", description="of the search", examples=["5f0c" + "0" * 28])
    url: str = Field(min_length=1, max_length=8191, examples=["https://news.example/a"])
    position: int = Field(ge=1, le=100_000, description="from 1, through all pages")


class ClickAnswer(BaseModel):
    """What became of it."""

    counted: bool = Field(description="false if this person's was already counted today, or it is a bot's")


@clicks.post("/search/clicks", responses={202: ClickAnswer, **described(404, 422, 503)})
def add(body: NewClick) -> tuple[Response, int]:
    """Counts a click. 404: that search did not show this result, or it was too long ago."""
    urls = urls_of(body.request_id)
    if urls is None or body.url not in urls:
        abort(404, "that search did not show this result, or it was too long ago")
    if is_bot():
        return jsonify(counted=False), 202
    visit = person(f"{services().now_ms() // DAY_MS}") or body.request_id
    counted = True
    with contextlib.suppress(Transient):  # then the task writes it down
        counted = services().clicks.add(visit, body.url, body.position)
    if counted:
        send()("tasks.count_click", visit, body.url, body.position)
        send()("tasks.note_click", body.request_id, body.position)
    return jsonify(counted=counted), 202
