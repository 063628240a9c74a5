"""`/api/v1/pipeline`: how far processing is behind what comes in, how fast it goes, and what became of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from flask import Response, current_app, jsonify
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from riverline.errors import Transient
from riverline.health import OK
from riverline.monitoring.sample import NOW_KEY, Sample, series, subjects
from riverline.monitoring.verdict import PipelinePace, verdict
from riverline.pipeline.contracts import LetterState
from riverline.search.contracts import FateQuery
from riverline_api.context import services
from riverline_api.http.datetimes import rfc3339
from riverline_api.http.problems import described
from riverline_api.http.stale_cache import StaleWhileRevalidate
from riverline_api.resources.topology_metrics import stages

pipeline = APIBlueprint(
    "pipeline", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="pipeline", description="State of the processing")]
)

_KEY = "riverline-pipeline"
KNOWN_SECONDS = 2.0  # many may watch; the brokers are asked once


class TopicItem(BaseModel):
    """A site's topic, all its partitions together."""

    topic: str
    records: int = Field(description="records kept now")
    written: int = Field(description="since the topic was created; the difference of two answers gives the rate")
    committed: int = Field(description="committed, in the same count")
    lag: int = Field(description="written and not committed yet")


class StageItem(BaseModel):
    """One stage of the topology, all its tasks together, as they said within the last 30 s."""

    name: str
    tasks: int
    rate: float = Field(description="tuples received per second, over the last 30 s")
    done_rate: float = Field(description="tuples answered per second")
    error_rate: float = Field(description="failures per second")
    latency_ms: float | None = Field(description="of a tuple, mean of the last minute; for `pages`, of the whole way")
    p99_ms: float | None = Field(description="99th percentile of the last minute")
    in_flight: int = Field(description="received and not answered yet")
    lag: int | None = Field(description="unfinished records; only for `pages`")
    errors: int = Field(description="failures since the tasks started")
    retries: int = Field(description="records sent again since then")
    dead: int = Field(description="records that ended there as dead letters since then")
    at: str


class VerdictItem(BaseModel):
    """Whether processing keeps up."""

    pace: PipelinePace
    records: int = Field(description="that wait")
    seconds: float | None = Field(description="until nothing waits, at the present rates; null: it does not get less")
    stage: str = Field(description="where processing stands, if it does: a stage or a server")
    reason: str = Field(description="why: server, silent, errors or stalled")
    detail: str = Field(description="what the server says")


class PipelineAnswer(BaseModel):
    """As of some seconds ago at most."""

    at: str
    verdict: VerdictItem
    servers: dict[str, str] = Field(description="`ok`, or why not, as the monitor found; empty without one")
    lag: int
    written: int
    committed: int
    dead_letters: int = Field(description="records in the topic of dead letters")
    dead_letters_waiting: int | None = Field(description="waiting dead letters; null while MySQL is away")
    fates: dict[str, int] = Field(description="of the last seven days, by outcome and reason")
    stages: list[StageItem] = Field(description="in processing order; empty if none has reported lately")
    topics: list[TopicItem] = Field(description="the greatest lag first")


@pipeline.get("/pipeline", responses={200: PipelineAnswer, **described(422, 503)})
def read() -> Response:
    """State of the processing. Two answers and the time between them give the rates in and out."""
    return jsonify(state())


def state() -> dict[str, Any]:
    """PipelineAnswer. Raises Transient."""
    known: StaleWhileRevalidate = current_app.extensions.setdefault(
        _KEY, StaleWhileRevalidate(KNOWN_SECONDS, KNOWN_SECONDS)
    )
    found: dict[str, Any] = known.get("", _read)
    return found


def _read() -> dict[str, Any]:
    log, dead = services().log, services().settings.kafka.dead_letter
    names = log.topics()
    ends, done = log.ends(names), log.committed(names)
    topics = [_topic(name, ends, done) for name in names]
    counts = services().index.fates(FateQuery(limit=1)).counts
    letters = log.ends([dead])
    now, found, watched = services().now_ms(), stages(), sample()
    sums = {key: sum(topic[key] for topic in topics) for key in ("lag", "written", "committed")}
    return {
        "at": rfc3339(now),
        "verdict": asdict(verdict(sums["lag"], found, watched, now)),
        "servers": _servers(watched),
        **sums,
        "dead_letters": sum(end - first for first, end in letters.values()),
        "dead_letters_waiting": _waiting(),
        "fates": dict(counts),
        "stages": [asdict(stage) | {"at": rfc3339(stage.at)} for stage in found],
        "topics": sorted(topics, key=lambda topic: (-topic["lag"], topic["topic"])),
    }


def sample() -> Sample | None:
    """What the monitor knew last, if it has said something within a minute."""
    try:
        [packed] = services().key_value.get([NOW_KEY])
    except Transient:
        return None
    return Sample.unpacked(packed) if packed else None


def _servers(found: Sample | None) -> dict[str, str]:
    if found is None:
        return {}
    names = sorted(subjects("up", found.values))
    return {name: found.down.get(name, OK if found.values[series("up", name)] else "away") for name in names}


def _waiting() -> int | None:
    try:
        return services().dead_letters.catalogue.counts()[LetterState.WAITING]
    except Transient:  # the rest can be told without MySQL
        return None


def _topic(name: str, ends: Any, done: Any) -> dict[str, Any]:
    spans = {place: span for place, span in ends.items() if place[0] == name}
    # Where nothing was committed yet, all that is there waits.
    committed = {place: min(max(done.get(place, first), first), end) for place, (first, end) in spans.items()}
    written, finished = sum(end for _, end in spans.values()), sum(committed.values())
    records = sum(end - first for first, end in spans.values())
    return {"topic": name, "records": records, "written": written, "committed": finished, "lag": written - finished}
