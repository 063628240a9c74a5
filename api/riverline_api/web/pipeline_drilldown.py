"""Below `/pipeline`: a topic, a stage, the records behind a number, and what is in a dead letter."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

from flask import Blueprint, Response, abort, request

from riverline.errors import Invalid, Transient
from riverline.model import Fate
from riverline.monitoring.sample import series
from riverline.pipeline.contracts import DeadLetter
from riverline.pipeline.records import page_of
from riverline.search import cursor
from riverline.search.contracts import FateQuery
from riverline.stages import STAGES
from riverline_api.context import services
from riverline_api.http.signing import signer
from riverline_api.resources import pipeline
from riverline_api.resources.topology_metrics import told
from riverline_api.web import i18n
from riverline_api.web.fate_words import described, error_in_words
from riverline_api.web.history_chart import last_hour
from riverline_api.web.layout import page
from riverline_api.web.session import require_admin, visitor

pipeline_drilldown = Blueprint("pipeline_drilldown", __name__)

OUTCOMES = ("indexed", "duplicate", "filtered", "dead")
LENGTH = 50
LOOKED_AT = 200  # dead records that are looked through for those of a stage
ERRORS = 10  # that are shown of it
SHOWN = 4000  # bytes of a dead letter's body
LONGEST = 4096  # of what an address may ask for


@dataclass(frozen=True, slots=True)
class PartitionProgress:
    """`written` and `committed` count from the beginning of the topic."""

    number: int
    first: int
    written: int
    committed: int

    @property
    def lag(self) -> int:
        return self.written - self.committed


@pipeline_drilldown.get("/pipeline/topics/<topic>")
def topic(topic: str) -> Response:
    """The partitions of a site's topic, and what became of its records."""
    log = services().log
    if topic not in log.topics():
        abort(404)
    ends, done = log.ends([topic]), log.committed([topic])
    partitions = [
        PartitionProgress(place[1], first, end, min(max(done.get(place, first), first), end))
        for place, (first, end) in sorted(ends.items())
    ]
    fates = services().index.fates(FateQuery(topic=topic, limit=1)).counts
    say = partial(i18n.translate, i18n.language())
    return page(
        "pipeline_topic.html",
        topic=topic,
        partitions=partitions,
        fates=sorted(fates.items(), key=lambda one: -one[1]),
        history=last_hour({series("lag", topic): say("pipeline.lag")}, say("pipeline.records"), beside="lag"),
    )


@pipeline_drilldown.get("/pipeline/records")
def records() -> Response:
    """The records of a topic, an outcome and a reason, the newest first."""
    asked = {name: request.args.get(name, "").strip()[:LONGEST] for name in ("topic", "outcome", "reason", "url")}
    if asked["outcome"] not in OUTCOMES:
        asked["outcome"] = asked["reason"] = ""
    key = repr(tuple(asked.values()))
    try:
        given = request.args.get("cursor", "")
        after = cursor.decoded(signer().opened(given), key) if given else None
    except Invalid:
        after = None
    found = services().index.fates(FateQuery(**asked, limit=LENGTH, after=after))
    say = partial(i18n.translate, i18n.language())
    return page(
        "pipeline_records.html",
        asked=asked,
        outcomes=OUTCOMES,
        total=found.total,
        counts=sorted(found.counts.items(), key=lambda one: -one[1]),
        told=[described(say, fate) for fate in found.items],
        next=signer().signed(cursor.encoded(found.next, key)) if found.next else "",
    )


@pipeline_drilldown.get("/pipeline/stages/<stage>")
def stage(stage: str) -> Response:
    """The tasks of a stage, and the records that ended there."""
    if stage not in STAGES:
        abort(404)
    state = pipeline.state()
    return page(
        "pipeline_stage.html",
        stage=stage,
        stages=STAGES,
        whole=next((one for one in state["stages"] if one["name"] == stage), None),
        tasks=[one for one in told() if one.component == stage],
        storm=_storm(stage),
        errors=_errors(stage),
    )


def _storm(stage: str) -> str:
    """Where Storm's page leads to the component, for administrators: it listens on their side."""
    there, storm = visitor(), services().settings.storm
    return f"http://{storm.ui}/topology/{storm.topology}#{stage}" if there is not None and there.admin else ""


def _errors(stage: str) -> list[Any]:
    """The newest records that ended in a stage, as far as one look reaches."""
    say = partial(i18n.translate, i18n.language())
    found: tuple[Fate, ...] = ()
    try:
        found = services().index.fates(FateQuery(outcome="dead", limit=LOOKED_AT)).items
    except Transient:
        return []
    return [described(say, fate) for fate in found if fate.stage == stage][:ERRORS]


@pipeline_drilldown.get("/pipeline/dead-letters/<int:partition>-<int:offset>")
def letter(partition: int, offset: int) -> Response:
    """A dead letter with the beginning of what was fetched, for administrators."""
    require_admin()
    found = services().dead_letters.catalogue.at([(partition, offset)])
    if not found:
        abort(404)
    why, detail = error_in_words(found[0].error)
    return page("dead_letter.html", letter=found[0], why=why, detail=detail, **_body(found[0]))


def _body(letter: DeadLetter) -> dict[str, Any]:
    """The page that the record holds; nothing where Kafka holds it no more, or where it is none."""
    topic = services().settings.kafka.dead_letter
    raw = next(iter(services().log.raw(topic, letter.partition, letter.offset, letter.offset + 1)), None)
    if raw is None:
        return {"fetched": None, "size": 0, "body": "", "record": False}
    try:
        fetched = page_of(raw)
    except Invalid:
        value = raw.value or b""
        return {"fetched": None, "size": len(value), "body": _text(value), "record": True}
    return {"fetched": fetched, "size": len(fetched.body), "body": _text(fetched.body), "record": True}


def _text(body: bytes) -> str:
    """The beginning, readable; what is no text is shown as bytes."""
    start = body[:SHOWN]
    text = start.decode("utf-8", "replace")
    printable = sum(one.isprintable() or one in "\n\r\t" for one in text)
    return text if printable >= 0.9 * len(text) and text.count("�") <= len(text) // 10 else start[:512].hex(" ")
