"""`/api/v1/crawl/targets`: what is to be crawled."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import Any

from flask import Response, jsonify
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from riverline.crawl.contracts import StoredTarget
from riverline.crawl.private_addresses import closed
from riverline.crawl.targets import TargetForm
from riverline.errors import Invalid
from riverline.model import Target
from riverline_api.context import services
from riverline_api.http.datetimes import rfc3339
from riverline_api.http.problems import described
from riverline_api.http.requests import Parameters
from riverline_api.http.trail import note_done

PASSWORD = re.compile(r"//[^/?#]*@")

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
    entry = services().targets.add(allowed(body.target))
    note_done("target.add", entry.target.name)
    return jsonify(item(entry)), 201, {"Location": f"/api/v1/crawl/targets/{entry.target.name}"}


@targets.get("/targets/<name>", responses={200: TargetItem, **described(404, 422, 503)})
def one(path: TargetPath) -> Response:
    """One target."""
    return jsonify(item(services().targets.get(path.name)))


@targets.put("/targets/<name>", responses={200: TargetItem, **described(404, 409, 422, 503)})
def replace(path: TargetPath, body: TargetForm) -> Response:
    """Replaces the definition of a target. Crawlers pick it up within seconds."""
    entry = services().targets.replace(path.name, allowed(body.target))
    note_done("target.change", entry.target.name)
    return jsonify(item(entry))


@targets.delete("/targets/<name>", responses={204: None, **described(404, 422, 503)})
def remove(path: TargetPath) -> tuple[str, int]:
    """Removes a target. Its pages stay searchable."""
    services().targets.remove(path.name)
    note_done("target.remove", path.name)
    return "", 204


def allowed(target: Target) -> Target:
    """The target. Raises Invalid where it would lead crawlers into the operator's own network."""
    if said := closed(target, services().settings.crawl.private):
        raise Invalid(said)
    return target


def item(entry: StoredTarget) -> dict[str, Any]:
    """A target as it is shown."""
    standing = {"worker": entry.worker, "progress": dict(entry.progress), "revision": entry.revision}
    return {
        **asdict(entry.target),
        **standing,
        "start_urls": shown_urls(entry.target),
        "due_at": rfc3339(entry.due_at),
    }


def shown_urls(target: Target) -> list[str]:
    """Where it starts, without the passwords that were taken before."""
    return [PASSWORD.sub("//", url) for url in target.start_urls]
