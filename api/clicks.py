"""`POST /api/v1/search/clicks`: that somebody opened a result. It counts once, and only if that search showed it."""

from __future__ import annotations

import contextlib

from flask import Response, abort, jsonify
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from api.context import send, services
from api.problems import described
from api.requests import Parameters
from api.shown import urls_of
from riverline.errors import Transient

clicks = APIBlueprint(
    "clicks",
    __name__,
    url_prefix="/api/v1",
    abp_tags=[Tag(name="search", description="Finding pages and posts")],
)


class NewClick(Parameters):
    """Which result of which search."""

    request_id: str = Field(pattern=r"^[0-9a-f]{32}$", description="of the search", examples=["5f0c" + "0" * 28])
    url: str = Field(min_length=1, max_length=8191, examples=["https://news.example/a"])
    position: int = Field(ge=1, le=100_000, description="from 1, through all pages")


class ClickAnswer(BaseModel):
    """What became of it."""

    counted: bool = Field(description="false: it was counted before")


@clicks.post("/search/clicks", responses={202: ClickAnswer, **described(404, 422, 503)})
def add(body: NewClick) -> tuple[Response, int]:
    """Counts a click. 404: that search showed no such result, or too long ago."""
    urls = urls_of(body.request_id)
    if urls is None or body.url not in urls:
        abort(404, "that search showed no such result, or too long ago")
    counted = True
    with contextlib.suppress(Transient):  # then the task writes it down
        counted = services().clicks.add(body.request_id, body.url, body.position)
    if counted:
        send()("tasks.count_click", body.request_id, body.url, body.position)
    return jsonify(counted=counted), 202
