"""The pages. `/`: search, with filters, order and paging in the address, so that every view can be shared."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, make_response, render_template, request
from markupsafe import Markup
from pydantic import ValidationError

from api import search
from api.clicks import shown
from api.context import services
from api.search import SearchQuery
from api.times import rfc3339
from api.web.words import language, says
from riverline.errors import Fatal, Invalid, Transient
from riverline.search import cursor
from riverline.search.query import Query, Sort
from riverline.search.results import Hit, Results

pages = Blueprint("pages", __name__, template_folder="templates", static_folder="static", static_url_path="/static")

FILTERS = ("site", "content_type", "locale", "tag", "group", "source")
PAGE = 10


@pages.get("/")
def home() -> Response:
    """The search page. Parameters that mean nothing are left out: a link that was cut short still opens something."""
    asked = _asked()
    results, took_ms, status = None, 0, 200
    try:
        results, took_ms = search.timed(asked)
    except (Transient, Fatal):
        status = 503
    if results is not None and asked.text and asked.after is None:
        search.record(asked, results, took_ms)
    if results is not None:
        shown(results.hits)
    answer = make_response(render_template("search.html", **_view(asked, results, took_ms)), status)
    answer.headers["Vary"] = "Accept-Language"
    return answer


def _asked() -> Query:
    known = {name: value.strip() for name, value in request.args.items() if name in _KNOWN and value.strip()}
    known["q"] = known.get("q", "")[:512]
    try:
        return SearchQuery.model_validate({"limit": PAGE, **known}).query()
    except (ValidationError, Invalid):
        return SearchQuery(q=known["q"], limit=PAGE).query()


_KNOWN = {field.alias or name for name, field in SearchQuery.model_fields.items()} - {"limit"}


def _view(asked: Query, results: Results | None, took_ms: int) -> dict[str, Any]:
    spoken = language()
    return {
        "lang": spoken,
        "say": partial(says, spoken),
        "asked": asked,
        "results": results,
        "took_ms": took_ms,
        "sorts": list(Sort) if asked.text else [],
        "chosen": {name: getattr(asked, name) for name in FILTERS if getattr(asked, name)},
        "link": partial(_link, asked),
        "next": _link(asked, cursor=cursor.encoded(results.next, asked.key)) if results and results.next else "",
        "marked": Markup,  # highlights come escaped from the index
        "day": partial(_day, spoken),
        "iso": rfc3339,
        "shown": _shown,
        "searching": bool(asked.text or any(getattr(asked, name) for name in FILTERS)),
        "now_ms": services().now_ms(),
    }


def _link(asked: Query, **changed: str) -> str:
    """The address of this search with something changed; an empty value drops a parameter."""
    kept = {"q": asked.text, **{name: getattr(asked, name) for name in FILTERS}, "sort": _sort(asked), **changed}
    found = {name: value for name, value in kept.items() if value}
    return f"/?{urlencode(found)}" if found else "/"


def _sort(asked: Query) -> str:
    return "" if asked.sort is Query(asked.text).ordered(None).sort else asked.sort.value


def _day(spoken: str, at_ms: int | None) -> str:
    if at_ms is None:
        return ""
    day = datetime.fromtimestamp(at_ms / 1000, UTC)
    return f"{day.year}. {day.month}. {day.day}." if spoken == "ko" else f"{day.day} {day:%b %Y}"


def _shown(hit: Hit) -> str:
    """A result's address as people read it: without the scheme, and not longer than a line."""
    text = hit.url.split("://", 1)[-1].removeprefix("www.").rstrip("/")
    return text if len(text) <= 80 else text[:79] + "…"
