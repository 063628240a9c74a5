"""`/api/v1/pipeline`: how far processing is behind what comes in, how fast it goes, and what became of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response, current_app, jsonify
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from api.context import services
from api.known import Known
from api.problems import described
from api.stages import stages
from api.times import rfc3339
from riverline.stores.contracts import FateQuery

pipeline = APIBlueprint(
    "pipeline", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="pipeline", description="How processing goes")]
)

_KEY = "riverline-pipeline"
KNOWN_SECONDS = 2.0  # many may watch; the brokers are asked once


class TopicItem(BaseModel):
    """A site's topic, all its partitions together."""

    topic: str
    records: int = Field(description="that are kept now")
    written: int = Field(description="since the topic was made: its rate is the difference of two answers over time")
    committed: int = Field(description="done, in the same count")
    lag: int = Field(description="written and not done yet")


class StageItem(BaseModel):
    """One stage of the topology, all its tasks together, as they said within the last 30 s."""

    name: str
    tasks: int
    rate: float = Field(description="tuples taken in a second, over the last 30 s")
    done_rate: float = Field(description="tuples answered a second")
    error_rate: float = Field(description="failures a second")
    latency_ms: float | None = Field(description="of a tuple, mean of the last minute; of `pages` the whole way")
    p99_ms: float | None = Field(description="what 99 of 100 tuples of the last minute stay within")
    in_flight: int = Field(description="taken in and not answered")
    lag: int | None = Field(description="records not finished; of `pages` alone")
    errors: int = Field(description="failures since the tasks started")
    retries: int = Field(description="records sent again since then")
    dead: int = Field(description="records that ended there as dead letters since then")
    at: str


class PipelineAnswer(BaseModel):
    """As of some seconds ago at most."""

    at: str
    lag: int
    written: int
    committed: int
    dead_letters: int
    fates: dict[str, int] = Field(description="of the last seven days, by outcome and reason")
    stages: list[StageItem] = Field(description="in the order of a page's way; empty where none said anything lately")
    topics: list[TopicItem] = Field(description="those with the greatest lag first")


@pipeline.get("/pipeline", responses={200: PipelineAnswer, **described(422, 503)})
def read() -> Response:
    """How processing goes. Two answers and the time between them give the rates in and out."""
    return jsonify(state())


def state() -> dict[str, Any]:
    """PipelineAnswer. Raises Transient."""
    known: Known = current_app.extensions.setdefault(_KEY, Known(KNOWN_SECONDS, KNOWN_SECONDS))
    found: dict[str, Any] = known.get("", _read)
    return found


def _read() -> dict[str, Any]:
    log, dead = services().log, services().settings.kafka.dead_letter
    names = log.topics()
    ends, done = log.ends(names), log.committed(names)
    topics = [_topic(name, ends, done) for name in names]
    counts = services().index.fates(FateQuery(limit=1)).counts
    letters = log.ends([dead])
    return {
        "at": rfc3339(services().now_ms()),
        **{key: sum(topic[key] for topic in topics) for key in ("lag", "written", "committed")},
        "dead_letters": sum(end - first for first, end in letters.values()),
        "fates": dict(counts),
        "stages": [asdict(stage) | {"at": rfc3339(stage.at)} for stage in stages()],
        "topics": sorted(topics, key=lambda topic: (-topic["lag"], topic["topic"])),
    }


def _topic(name: str, ends: Any, done: Any) -> dict[str, Any]:
    spans = {place: span for place, span in ends.items() if place[0] == name}
    # Where nothing was committed yet, all that is there waits.
    committed = {place: min(max(done.get(place, first), first), end) for place, (first, end) in spans.items()}
    written, finished = sum(end for _, end in spans.values()), sum(committed.values())
    records = sum(end - first for first, end in spans.values())
    return {"topic": name, "records": records, "written": written, "committed": finished, "lag": written - finished}
