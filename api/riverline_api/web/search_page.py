"""`/`: search, with filters, order and the number of the page in the address, so that every view can be shared."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, g, request
from markupsafe import Markup
from pydantic import ValidationError

from riverline.errors import Fatal, Invalid, Transient
from riverline.search.numbered_pages import MOST_PAGES, numbered
from riverline.search.query import Query, Sort
from riverline.search.results import Hit, Results
from riverline.security_headers import POLICY
from riverline_api.context import services
from riverline_api.http.datetimes import rfc3339
from riverline_api.resources import search
from riverline_api.resources.impressions import shown
from riverline_api.resources.search import LONGEST, SearchQuery
from riverline_api.resources.suggest import popular_words
from riverline_api.web import i18n, search_filters
from riverline_api.web.layout import page
from riverline_api.web.search_filters import SEVERAL, SINGLE, TIMES, SearchAddress

search_pages = Blueprint("search_pages", __name__)

PAGE = 10
POPULAR = 8
FACETS = ("site", "content_type", "locale", "tag", "month")
# Thumbnails come from YouTube's own hosts alone; no other page may load anything from elsewhere.
THUMBNAILS = ("https://i.ytimg.com/", "https://img.youtube.com/")
THUMBNAIL_POLICY = POLICY.replace("img-src 'self' data:", f"img-src 'self' data: {' '.join(THUMBNAILS)}")
_TAGS = re.compile(r"<[^>]+>")


@search_pages.get("/")
def home() -> Response:
    """The search page. Parameters that mean nothing are left out: a link that was cut short still opens something."""
    asked, number = _asked(), _number()
    address = _address(asked)
    results, took_ms, status = None, 0, 200
    try:
        results, took_ms = _found(asked, number, bool(asked.text or address.filters))
    except (Transient, Fatal):
        status = 503
    if results is not None and asked.text and number == 1:
        search.record(asked, results, took_ms)
    if results is not None:
        shown(results.hits)
    answer = page("search.html", status, **_view(asked, address, number, results, took_ms))
    if results is not None and any(thumbnail(hit) for hit in results.hits):
        answer.headers["Content-Security-Policy"] = THUMBNAIL_POLICY
    return answer


@search_pages.get("/opensearch.xml")
def description() -> Response:
    """Lets browsers search here from their address bar (OpenSearch 1.1)."""
    answer = page("opensearch.xml")
    answer.mimetype = "application/opensearchdescription+xml"
    return answer


def _asked() -> Query:
    known = {name: value.strip() for name, value in request.args.items() if name in _KNOWN and value.strip()}
    known["q"] = known.get("q", "")[:LONGEST]
    try:
        asked = SearchQuery.model_validate({"limit": PAGE, **known}).asked
    except (ValidationError, Invalid):
        return SearchQuery(q=known["q"], limit=PAGE).asked
    if (time := request.args.get("time", "")) in TIMES:
        return replace(asked, since=search_filters.since(time, services().now_ms()), until=None)
    return asked


_KNOWN = {field.alias or name for name, field in SearchQuery.model_fields.items()} - {"limit", "cursor", "explain"}


def _number() -> int:
    """Which page, from 1."""
    asked = request.args.get("page", "1")
    return min(max(int(asked), 1), MOST_PAGES) if asked.isascii() and asked.isdigit() and len(asked) < 9 else 1


def _address(asked: Query) -> SearchAddress:
    """The search as its links keep it: what could not be understood is gone."""
    kept = {"q": asked.text, **{name: getattr(asked, name) for name in (*SEVERAL, *SINGLE)}}
    if (time := request.args.get("time", "")) in TIMES:
        kept["time"] = time
    else:
        kept |= {"from": _day(asked.since), "to": _day(asked.until)}
    usual = Query(asked.text).ordered(None).sort
    kept |= {"sort": "" if asked.sort is usual else asked.sort.value, "exact": "true" if asked.exact else ""}
    return SearchAddress(kept)


def _day(at_ms: int | None) -> str:
    return (rfc3339(at_ms) or "").removesuffix("T00:00:00.000Z")


def _found(asked: Query, number: int, searching: bool) -> tuple[Results, int]:
    """The page, and how long all of it took in ms."""
    took = 0

    def find(query: Query) -> Results:
        nonlocal took
        found, more = search.timed(query)
        took += more
        return found

    results = numbered(asked, number, find) if searching or number > 1 else _start(asked, find)
    return results, took


def _start(asked: Query, find: Callable[[Query], Results]) -> Results:
    """What is new: what is in the reader's language first. While the index is away, what of it is kept."""
    own = None
    with contextlib.suppress(Transient):
        own = find(replace(asked, locale=i18n.language()))
    if own is not None and len(own.hits) >= asked.limit:
        return own
    try:
        every = find(asked)
    except Transient:
        if own is None or not own.hits:
            raise
        return own
    return every if own is None else _filled_up(own, every, asked.limit)


def _filled_up(own: Results, every: Results, most: int) -> Results:
    known = {hit.url for hit in own.hits}
    rest = [hit for hit in every.hits if hit.url not in known]
    return replace(every, hits=(*own.hits, *rest)[:most])


def _view(asked: Query, address: SearchAddress, number: int, results: Results | None, took_ms: int) -> dict[str, Any]:
    language, searching = i18n.language(), bool(asked.text or address.filters)
    first = (number - 1) * PAGE
    return {
        "asked": asked,
        "longest": LONGEST,
        "results": results,
        "took_ms": took_ms,
        "outdated": g.get("search_outdated", False),
        "sorts": list(Sort) if asked.text else [],
        "address": address,
        "link": address.link,
        "chips": search_filters.chips(address, language),
        "facets": _facets(asked, address, results) if results is not None and searching else {},
        "times": search_filters.times(address, language),
        "first_shown": search_filters.FIRST,
        "first": first,
        "number": number,
        "next": _next(address, number, results, searching) if results is not None and results.next else "",
        "unfiltered": _unfiltered(asked, address, results),
        "marked": Markup,  # highlights come escaped from the index
        "shown": _shown,
        "summary": _summary,
        "searching": searching,
        "better": results.better if results else "",
        "popular": [] if searching else _popular(),
        "thumbnail": thumbnail,
        "lasts": lambda hit: i18n.lasts(hit.seconds) if getattr(hit, "seconds", 0) else "",
        "request_id": g.request_id,
    }


def _next(address: SearchAddress, number: int, results: Results, searching: bool) -> str:
    """The next page; the start page is followed by what is in the reader's language, where that filled it."""
    if number >= MOST_PAGES:
        return ""
    language = i18n.language()
    if not searching and all(hit.locale.partition("-")[0] == language for hit in results.hits):
        return address.link(locale=language, page="2")
    return address.link(page=str(number + 1))


def _facets(asked: Query, address: SearchAddress, results: Results) -> dict[str, Any]:
    """The facets that have something to choose, or something chosen."""

    def without(name: str) -> Any:
        open_one: dict[str, Any] = {name: ""}
        with contextlib.suppress(Transient, Fatal):
            return search.timed(replace(asked, **open_one))[0].facets
        return results.facets

    counted = search_filters.open_facets(results.facets, address.filters, without)
    made = {name: search_filters.facet(address, i18n.language(), name, counted.get(name, ())) for name in FACETS}
    return {name: values for name, values in made.items() if len(values) > 1 or any(one.on for one in values)}


def _unfiltered(asked: Query, address: SearchAddress, results: Results | None) -> int:
    """How many there are without the filters, where nothing passes them."""
    if results is None or results.hits or not address.filters:
        return 0
    with contextlib.suppress(Transient, Fatal):
        return search.timed(Query(asked.text, sort=asked.sort, exact=asked.exact, limit=PAGE))[0].total
    return 0


def thumbnail(hit: Hit) -> str:
    """The address of a video's picture, where it is one that may be shown."""
    return hit.image if hit.content_type == "video" and hit.image.startswith(THUMBNAILS) else ""


def _popular() -> list[str]:
    """What others search for; nothing that matters if it cannot be had."""
    with contextlib.suppress(Transient, Fatal):
        return [word for word, _ in popular_words("", "week")][:POPULAR]
    return []


def _shown(hit: Hit) -> str:
    """A result's address as people read it: without the scheme, and not longer than a line."""
    text = hit.url.split("://", 1)[-1].removeprefix("www.").rstrip("/")
    return text if len(text) <= 80 else text[:79] + "…"


def _summary(hit: Hit) -> Markup:
    """The summary, unless it says what the title says: then what comes after that, or nothing."""
    title, summary = hit.title_html.strip(), hit.summary_html.strip()
    if title and summary.startswith(title):
        summary = summary[len(title) :].lstrip(" .·:|–—-")
    return Markup("" if _said(summary) in _said(title) else summary)  # escaped by the index


def _said(text: str) -> str:
    return " ".join(_TAGS.sub("", text).casefold().split()).rstrip(" .…")
