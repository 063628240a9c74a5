"""`/api/v1/crawl/targets`: what is to be crawled."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from api.context import services
from api.problems import described
from api.requests import Parameters
from api.times import rfc3339
from riverline.crawling.ports import Entry
from riverline.crawling.targets import TargetForm

targets = APIBlueprint(
    "targets", __name__, url_prefix="/api/v1/crawl", abp_tags=[Tag(name="crawl", description="What is crawled")]
)


class TargetPath(Parameters):
    """Which target."""

    name: str = Field(max_length=100)


class TargetItem(TargetForm):
    """A target, and how it stands."""

    due_at: str = Field(description="when its next round begins")
    worker: str = Field(description="the crawler that holds it; empty: none")
    progress: dict[str, Any] = Field(description="of the round that goes on, or of the last one")
    revision: int


class TargetsAnswer(BaseModel):
    items: list[TargetItem]


@targets.get("/targets", responses={200: TargetsAnswer, **described(422, 503)})
def every() -> Response:
    """All targets, by name."""
    return jsonify(items=[item(entry) for entry in services().targets.all()])


@targets.post("/targets", responses={201: TargetItem, **described(409, 422, 503)})
def add(body: TargetForm) -> tuple[Response, int, dict[str, str]]:
    """A new target; it is due at once."""
    entry = services().targets.add(body.target)
    return jsonify(item(entry)), 201, {"Location": f"/api/v1/crawl/targets/{entry.target.name}"}


@targets.get("/targets/<name>", responses={200: TargetItem, **described(404, 422, 503)})
def one(path: TargetPath) -> Response:
    """One target."""
    return jsonify(item(services().targets.get(path.name)))


@targets.put("/targets/<name>", responses={200: TargetItem, **described(404, 409, 422, 503)})
def replace(path: TargetPath, body: TargetForm) -> Response:
    """Another definition, whole. A crawler that holds the target takes it over within seconds."""
    return jsonify(item(services().targets.replace(path.name, body.target)))


@targets.delete("/targets/<name>", responses={204: None, **described(404, 422, 503)})
def remove(path: TargetPath) -> tuple[str, int]:
    """Removes a target. Its pages stay searchable."""
    services().targets.remove(path.name)
    return "", 204


def item(entry: Entry) -> dict[str, Any]:
    """A target as it is shown."""
    standing = {"worker": entry.worker, "progress": dict(entry.progress), "revision": entry.revision}
    return {**asdict(entry.target), **standing, "due_at": rfc3339(entry.due_at)}
