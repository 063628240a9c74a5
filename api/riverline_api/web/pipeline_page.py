"""`/pipeline`: how processing goes, live; what became of a page; and, for administrators, the dead letters."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request

from riverline.errors import Fatal, Transient
from riverline.feed.contracts import Parked
from riverline.monitoring import runbooks
from riverline.monitoring.sample import NOW_SECONDS
from riverline.monitoring.verdict import PipelinePace
from riverline.pipeline.contracts import LetterState
from riverline.search.contracts import FateQuery
from riverline.stages import STAGES
from riverline_api.context import services
from riverline_api.http.datetimes import milliseconds
from riverline_api.resources import dead_letters, pipeline
from riverline_api.resources.dead_letters import DeadQuery
from riverline_api.web import i18n
from riverline_api.web.fate_words import FateText, described, error_in_words, forms
from riverline_api.web.history_chart import last_hour
from riverline_api.web.layout import page
from riverline_api.web.session import require_admin, visitor

pipeline_pages = Blueprint("pipeline_pages", __name__)

MOST_FATES = 20  # of one address
MOST_LETTERS = 50
MOST_TOPICS = 50
MOST_JOBS = 50
FILTERS = ("stage", "reason", "url")  # of dead letters
EVERY = "all"  # in the place of a state
ACTS = {"again": ("sent", dead_letters.send_again), "dismiss": ("dismissed", dead_letters.dismiss)}
LONGEST_URL = 4096
WHERE = {
    "dead_letters": "/pipeline/dead-letters",
    "outbox_parked": "/pipeline#parked",
    "outbox_old": "/pipeline#parked",
    **dict.fromkeys(("inflow_above_throughput", "catching_up_takes_long"), "/pipeline#stages"),
    "lag_growing": "/pipeline#topics",
}
LARGEST = 1 << 62
MOST_ALERTS = 10
HISTORY = {"inflow": "rate_in", "throughput": "rate_out"}  # the monitor's series, and the words for them


@pipeline_pages.get("/pipeline")
def read() -> Response:
    """The page; what is live in it is asked for again and again."""
    url = request.args.get("url", "").strip()[:LONGEST_URL]
    try:
        live = _live()
    except (Transient, Fatal):
        live = None
    fates = _told(url) if url else []
    say = partial(i18n.translate, i18n.language())
    history = last_hour({name: say(f"pipeline.{word}") for name, word in HISTORY.items()}, say("pipeline.a_second"))
    return page(
        "pipeline.html",
        503 if live is None else 200,
        **(live or {}),
        there=live is not None,
        history=history,
        url=url,
        told=fates,
        parked=_parked(),
        jobs_sent=_number("jobs_sent", None),
    )


@pipeline_pages.get("/pipeline/live")
def live() -> Response:
    """The part that updates by itself."""
    return page("pipeline_live.html", **_live())


@pipeline_pages.get("/pipeline/dead-letters")
def letters() -> Response:
    """The dead letters in one state: those that wait, unless another is asked for."""
    require_admin()
    state = _state(request.args.get("state", ""))
    wanted = {name: request.args.get(name, "").strip()[:64] for name in FILTERS}
    before = _number("before", None)
    query = DeadQuery(limit=MOST_LETTERS, state="" if state == EVERY else state, before=before, **wanted)
    found = dead_letters.listed(query)
    for item in found["items"]:
        item["failed_at"] = milliseconds(item["failed_at"])
        item["why"], item["detail"] = error_in_words(item["error"])
    reasons = sorted(name.removeprefix("dead.") for name in i18n.words("en") if name.startswith("dead."))
    kept = urlencode({name: value for name, value in wanted.items() if value})
    return page(
        "dead_letters.html",
        **found,
        state=state,
        wanted=wanted,
        kept=f"&{kept}" if kept else "",
        stages=STAGES,
        reasons=reasons,
        note=_note(),
        passed=_number("passed", 0),
    )


def _state(asked: str) -> Any:
    known = {EVERY, *(state.value for state in LetterState)}
    return asked if asked in known else LetterState.WAITING.value


def _note() -> str:
    """What became of what was chosen, where the reader comes from there."""
    say = partial(i18n.translate, i18n.language())
    if "nothing" in request.args:
        return say("pipeline.nothing_chosen")
    for name in ("sent", "dismissed"):
        if (count := _number(name, None)) is not None:
            return say(f"pipeline.{name}", n=count)
    return ""


@pipeline_pages.post("/pipeline/dead-letters")
def again() -> Response:
    """Sends those that were chosen through the topology again, or dismisses them."""
    require_admin()
    chosen = {pair for text in request.form.getlist("record")[:200] if (pair := _place(text))}
    here = f"/pipeline/dead-letters?state={_state(request.form.get('state', ''))}"
    if not chosen:
        return redirect(f"{here}&nothing=1", 303)  # type: ignore[return-value]
    word, act = ACTS.get(request.form.get("act", ""), ACTS["again"])
    count = act(chosen)
    return redirect(f"{here}&{word}={count}&passed={len(chosen) - count}", 303)  # type: ignore[return-value]


@pipeline_pages.post("/pipeline/parked-jobs")
def retry() -> Response:
    """Sends parked jobs of the outbox again."""
    require_admin()
    chosen = [int(text) for text in request.form.getlist("job")[:MOST_JOBS] if text.isascii() and text.isdigit()]
    sent = services().feed.repository.unpark([job_id for job_id in chosen if job_id < LARGEST])
    return redirect(f"/pipeline?jobs_sent={sent}#parked", 303)  # type: ignore[return-value]


def _parked() -> list[Parked]:
    """The oldest parked jobs, for administrators."""
    there = visitor()
    if there is None or not there.admin:
        return []
    try:
        return services().feed.repository.parked(0, MOST_JOBS)
    except (Transient, Fatal):
        return []


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
        "verdict": _verdict(state["verdict"]),
    }


def _verdict(found: Mapping[str, Any]) -> str:
    """Whether it keeps up, in a sentence."""
    say = partial(i18n.translate, i18n.language())
    pace, records, seconds = found["pace"], found["records"], found["seconds"]
    if pace == PipelinePace.STOPPED:
        where = say("pipeline.stopped_at", stage=found["stage"]) if found["stage"] else say("pipeline.stopped")
        return f"{where} {say('pipeline.stopped_' + found['reason'], detail=found['detail'])}"
    if pace == PipelinePace.KEEPING_UP:
        return say("pipeline.keeping_up", n=records) if records else say("pipeline.keeping_up_all")
    if seconds is None:
        return say("pipeline.behind_growing", n=records)
    return say("pipeline.behind", n=records, minutes=max(1, round(seconds / 60)))


def _alerts() -> list[dict[str, str]]:
    """What the monitor holds to be wrong now, for administrators, each with where to look."""
    there = visitor()
    if there is None or not there.admin:
        return []
    try:
        found = services().incidents.page(MOST_ALERTS, None, True)
    except (Transient, Fatal):
        return []
    korean = i18n.language() == "ko"
    return [
        {
            "severity": one.severity,
            "subject": one.subject,
            "sentence": (other or own) if korean else own,
            "address": _where(one.rule, one.subject),
            "runbook": runbooks.address(one.rule),
        }
        for _, one in found
        for own, _, other in [one.sentence.partition("\n")]
    ]


def _where(rule: str, subject: str) -> str:
    """The page that shows what an alert speaks of."""
    if subject in STAGES:
        return f"/pipeline/stages/{subject}"
    return WHERE.get(rule, "/pipeline#servers")


def _rates(state: dict[str, Any], at: object) -> dict[str, float]:
    """Records a second since the reader's last look, which the address tells; at the first look, as the monitor has
    it."""
    then = _number("at", None)
    if then is None or not isinstance(at, int) or not 0 < at - then < 600_000:
        return _watched_rates()
    seconds = (at - then) / 1000
    return {
        name: max(0, state[name] - (_number(name, state[name]) or 0)) / seconds for name in ("written", "committed")
    }


def _watched_rates() -> dict[str, float]:
    """What came in and was finished a second, as the monitor's last sample has it; nothing where it is old."""
    found = pipeline.sample()
    if found is None or not {"inflow", "throughput"} <= found.values.keys():
        return {}
    fresh = services().now_ms() - found.at <= NOW_SECONDS * 1000
    return {"written": found.values["inflow"], "committed": found.values["throughput"]} if fresh else {}


def _told(url: str) -> list[FateText]:
    """The fates of an address, in the first of its forms that has some."""
    say = partial(i18n.translate, i18n.language())
    for form in forms(url):
        if found := services().index.fates(FateQuery(url=form, limit=MOST_FATES)).items:
            return [described(say, fate) for fate in found]
    return []


def _number(name: str, otherwise: int | None) -> int | None:
    text = request.args.get(name, "")
    return min(int(text), LARGEST) if text.isascii() and text.isdigit() and len(text) < 20 else otherwise


def _place(text: str) -> tuple[int, int] | None:
    """`partition-offset`."""
    parts = text.split("-")
    fine = len(parts) == 2 and all(part.isascii() and part.isdigit() and len(part) < 20 for part in parts)
    return (int(parts[0]), int(parts[1])) if fine else None
