"""`/`: search, with filters, order and paging in the address, so that every view can be shared."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, g, request
from markupsafe import Markup
from pydantic import ValidationError

from api import search
from api.requests import POLICY
from api.search import SearchQuery
from api.shown import shown
from api.suggest import popular_words
from api.times import rfc3339
from api.web import speech
from api.web.layout import page
from riverline.errors import Fatal, Invalid, Transient
from riverline.search import cursor
from riverline.search.query import Query, Sort
from riverline.search.results import Hit, Results

search_pages = Blueprint("search_pages", __name__)

FILTERS = ("site", "content_type", "locale", "tag", "group", "source")
TIMES = {"from": "since", "to": "until"}
PAGE = 10
POPULAR = 8
MOST_PLACES = 100_000
# Thumbnails come from YouTube's own hosts alone; no other page may load anything from elsewhere.
THUMBNAILS = ("https://i.ytimg.com/", "https://img.youtube.com/")
THUMBNAIL_POLICY = POLICY.replace("img-src 'self' data:", f"img-src 'self' data: {' '.join(THUMBNAILS)}")


@search_pages.get("/")
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
    answer = page("search.html", status, **_view(asked, results, took_ms))
    if results is not None and any(thumbnail(hit) for hit in results.hits):
        answer.headers["Content-Security-Policy"] = THUMBNAIL_POLICY
    return answer


def _asked() -> Query:
    known = {name: value.strip() for name, value in request.args.items() if name in _KNOWN and value.strip()}
    known["q"] = known.get("q", "")[:512]
    try:
        return SearchQuery.model_validate({"limit": PAGE, **known}).asked
    except (ValidationError, Invalid):
        return SearchQuery(q=known["q"], limit=PAGE).asked


_KNOWN = {field.alias or name for name, field in SearchQuery.model_fields.items()} - {"limit"}


def _view(asked: Query, results: Results | None, took_ms: int) -> dict[str, Any]:
    chosen = _chosen(asked)
    link = partial(_link, asked, chosen)
    first = _first()
    following = cursor.encoded(results.next, asked.key) if results and results.next else ""
    searching = bool(asked.text or chosen)
    return {
        "asked": asked,
        "results": results,
        "took_ms": took_ms,
        "outdated": g.get("search_outdated", False),
        "sorts": list(Sort) if asked.text else [],
        "chosen": chosen,
        "link": link,
        "first": first,
        "next": link(cursor=following, at=str(first + len(results.hits))) if results and following else "",
        "marked": Markup,  # highlights come escaped from the index
        "shown": _shown,
        "searching": searching,
        "better": search.better(asked, results) if results else None,
        "popular": [] if searching else _popular(),
        "thumbnail": thumbnail,
        "lasts": lambda hit: speech.lasts(hit.seconds) if getattr(hit, "seconds", 0) else "",
        "request_id": g.request_id,
    }


def thumbnail(hit: Hit) -> str:
    """The address of a video's picture, where it is one that may be shown."""
    return hit.image if hit.content_type == "video" and hit.image.startswith(THUMBNAILS) else ""


def _chosen(asked: Query) -> dict[str, str]:
    """The filters that are on."""
    found = {name: getattr(asked, name) for name in FILTERS if getattr(asked, name)}
    for name, of in TIMES.items():
        if (at := getattr(asked, of)) is not None:
            found[name] = (rfc3339(at) or "").removesuffix("T00:00:00.000Z")
    return found


def _link(asked: Query, chosen: dict[str, str], **changed: str) -> str:
    """The address of this search with something changed; an empty value drops a parameter."""
    kept = {"q": asked.text, **chosen, "sort": _sort(asked), "exact": "true" if asked.exact else "", **changed}
    if changed.keys() & {"q"}:
        kept["exact"] = ""  # it was said of the words before
    if month := kept.pop("month", ""):
        kept |= _month(month)
    found = {name: value for name, value in kept.items() if value}
    return f"/?{urlencode(found)}" if found else "/"


def _month(month: str) -> dict[str, str]:
    """A month's first day, and the first of the next one."""
    year, number = (int(part) for part in month.split("-"))
    following = (year + 1, 1) if number == 12 else (year, number + 1)
    return {"from": f"{month}-01", "to": f"{following[0]:04d}-{following[1]:02d}-01"}


def _sort(asked: Query) -> str:
    return "" if asked.sort is Query(asked.text).ordered(None).sort else asked.sort.value


def _first() -> int:
    """The how-manyeth result the first one of this page is, less one: a click tells its place."""
    at = request.args.get("at", "0")
    return min(int(at), MOST_PLACES - PAGE) if at.isascii() and at.isdigit() and len(at) < 9 else 0


def _popular() -> list[str]:
    """What others search for in the reader's language; nothing that matters if it cannot be had."""
    with contextlib.suppress(Transient, Fatal):
        return [word for word, _ in popular_words("", "week")][:POPULAR]
    return []


def _shown(hit: Hit) -> str:
    """A result's address as people read it: without the scheme, and not longer than a line."""
    text = hit.url.split("://", 1)[-1].removeprefix("www.").rstrip("/")
    return text if len(text) <= 80 else text[:79] + "…"
