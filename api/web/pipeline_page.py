"""`/pipeline`: how processing goes, live; what became of a page; and, for administrators, the dead letters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import fmean
from typing import Any

from flask import Blueprint, Response, abort, redirect, request

from api import dead_letters, pipeline
from api.context import services
from api.dead_letters import DeadQuery
from api.times import milliseconds
from api.web import speech
from api.web.charts import Chart, clock, over_time
from api.web.layout import page
from api.web.visitor import visitor
from riverline.errors import Fatal, Transient
from riverline.model import Fate
from riverline.monitoring.history import choice
from riverline.monitoring.history import read as read_history
from riverline.stores.contracts import FateQuery

pipeline_pages = Blueprint("pipeline_pages", __name__)

MOST_FATES = 20  # of one address
MOST_LETTERS = 50
MOST_TOPICS = 50
LONGEST_URL = 4096
LARGEST = 1 << 62
MOST_ALERTS = 10
HISTORY = {"inflow": "rate_in", "throughput": "rate_out"}  # the monitor's series, and the words for them
MINUTE_MS, HOUR_MS = 60_000, 3_600_000


@dataclass(frozen=True, slots=True)
class Told:
    """A fate, with what it means in a sentence."""

    fate: Fate
    name: str
    why: str


@pipeline_pages.get("/pipeline")
def read() -> Response:
    """The page; what is live in it is asked for again and again."""
    url = request.args.get("url", "").strip()[:LONGEST_URL]
    try:
        live = _live()
    except (Transient, Fatal):
        live = None
    fates = _told(url) if url else []
    history = _history(partial(speech.says, speech.language()))
    return page(
        "pipeline.html",
        503 if live is None else 200,
        **(live or {}),
        there=live is not None,
        history=history,
        url=url,
        told=fates,
    )


@pipeline_pages.get("/pipeline/live")
def live() -> Response:
    """The part that renews itself."""
    return page("pipeline_live.html", **_live())


@pipeline_pages.get("/pipeline/dead-letters")
def letters() -> Response:
    """The dead letters."""
    _admin()
    partition, before = _number("partition", 0) or 0, _number("before", None)
    found = dead_letters.listed(DeadQuery(limit=MOST_LETTERS, partition=min(partition, 1000), before=before))
    for item in found["items"]:
        item["failed_at"] = milliseconds(item["failed_at"])
    return page(
        "dead_letters.html", **found, partition=partition, sent=_number("sent", None), passed=_number("passed", 0)
    )


@pipeline_pages.post("/pipeline/dead-letters")
def again() -> Response:
    """Sends those that were chosen through the topology again."""
    _admin()
    chosen = {pair for text in request.form.getlist("record")[:200] if (pair := _place(text))}
    sent = dead_letters.send_again(chosen)
    return redirect(f"/pipeline/dead-letters?sent={sent}&passed={len(chosen) - sent}", 303)  # type: ignore[return-value]


def _live() -> dict[str, Any]:
    state = pipeline.state()
    at = milliseconds(state["at"])
    return {
        "state": state,
        "at": at,
        "stages": state.get("stages") or [],
        "topics": state["topics"][:MOST_TOPICS],
        "fates": sorted(state["fates"].items(), key=lambda pair: -pair[1]),
        "rates": _rates(state, at),
        "alerts": _alerts(),
    }


def _alerts() -> list[tuple[str, str, str]]:
    """What the monitor holds to be wrong now, for administrators: severity, subject and a sentence."""
    there = visitor()
    if there is None or not there.admin:
        return []
    try:
        found = services().incidents.page(MOST_ALERTS, None, True)
    except (Transient, Fatal):
        return []
    korean = speech.language() == "ko"
    sentences = [(one.severity, one.subject, one.sentence.partition("\n")) for _, one in found]
    return [(severity, subject, (other or own) if korean else own) for severity, subject, (own, _, other) in sentences]


def _history(say: Callable[..., str]) -> Chart | None:
    """The last hour as the monitor has noted it, a minute's points as their mean; nothing where no monitor runs."""
    until = services().now_ms()
    try:
        found = read_history(services().scratch, until - HOUR_MS, until, choice(list(HISTORY)))
    except (Transient, Fatal):
        return None
    minutes: dict[int, dict[str, list[float]]] = {}
    for name, points in found.items():
        word = say(f"pipeline.{HISTORY[name]}")
        for at, value in points:
            minutes.setdefault(at // MINUTE_MS * MINUTE_MS, {}).setdefault(word, []).append(value)
    moments = [
        (at, clock(at), {word: round(fmean(values), 1) for word, values in by_word.items()})
        for at, by_word in sorted(minutes.items())
    ]
    order = [say(f"pipeline.{word}") for word in HISTORY.values()]
    return over_time("pipeline-history", moments, order, say("statistics.at"), say("pipeline.a_second"))


def _rates(state: dict[str, Any], at: object) -> dict[str, float]:
    """Records a second since the reader's last look, which the address tells."""
    then = _number("at", None)
    if then is None or not isinstance(at, int) or not 0 < at - then < 600_000:
        return {}
    seconds = (at - then) / 1000
    return {
        name: max(0, state[name] - (_number(name, state[name]) or 0)) / seconds for name in ("written", "committed")
    }


def _told(url: str) -> list[Told]:
    say = partial(speech.says, speech.language())
    return [_one(say, fate) for fate in services().index.fates(FateQuery(url=url, limit=MOST_FATES)).items]


def _one(say: Callable[..., str], fate: Fate) -> Told:
    known = speech.words("en")
    reason = "status" if fate.reason.startswith("status_") else fate.reason
    kinds = (
        f"{fate.outcome}_other" if fate.outcome == "indexed" and fate.of not in ("", fate.url) else "",
        f"{fate.outcome}_{reason}",
        f"{fate.outcome}_error" if fate.error else "",
        fate.outcome,
    )
    kind = next(one for one in kinds if f"fate.{one}_why" in known)
    values = {"of": fate.of, "reason": fate.reason, "error": fate.error, "stage": fate.stage}
    return Told(fate, say(f"fate.{fate.outcome}"), say(f"fate.{kind}_why", **values, status=fate.reason[7:]))


def _admin() -> None:
    there = visitor()
    if there is None or not there.admin:
        abort(403 if there else 401)


def _number(name: str, otherwise: int | None) -> int | None:
    text = request.args.get(name, "")
    return min(int(text), LARGEST) if text.isascii() and text.isdigit() and len(text) < 20 else otherwise


def _place(text: str) -> tuple[int, int] | None:
    """`partition-offset`."""
    parts = text.split("-")
    fine = len(parts) == 2 and all(part.isascii() and part.isdigit() and len(part) < 20 for part in parts)
    return (int(parts[0]), int(parts[1])) if fine else None
