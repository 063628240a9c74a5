"""What every page shares: its language, its navigation, the user, and its assets."""

from __future__ import annotations

import hashlib
from functools import cache, partial
from http import HTTPStatus
from pathlib import Path
from typing import Any

from flask import Blueprint, Response, make_response, render_template, request

from riverline_api.context import services
from riverline_api.http.datetimes import rfc3339
from riverline_api.http.problems import RETRY_AFTER_SECONDS
from riverline_api.web import i18n
from riverline_api.web.post_text import folded, linked
from riverline_api.web.session import visitor

STATIC = Path(__file__).parent / "static"
FOREVER = "public, max-age=31536000, immutable"
NAVIGATION = (
    ("search", "/"),
    ("feed", "/feed"),
    ("statistics", "/statistics"),
    ("pipeline", "/pipeline"),
    ("api", "/docs"),
)

TARGETS = ("targets", "/targets")  # for administrators

site = Blueprint("site", __name__, template_folder="templates", static_folder="static", static_url_path="/static")


def page(template: str, status: int = 200, **values: Any) -> Response:
    """A page, or a part of one, as an answer."""
    answer = make_response(render_template(template, **shared(), **values), status)
    answer.headers["Vary"] = "Accept-Language, Cookie, HX-Request"
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    answer.headers.setdefault("Cache-Control", "private, no-cache" if visitor() is None else "private, no-store")
    return answer


def shared() -> dict[str, Any]:
    """What every template may use."""
    spoken, now = i18n.language(), services().now_ms()
    return {
        "lang": spoken,
        "say": partial(i18n.translate, spoken),
        "day": partial(i18n.day, spoken),
        "ago": lambda at: i18n.ago(spoken, at, now),
        "iso": rfc3339,
        "navigation": (*NAVIGATION[:-1], TARGETS, NAVIGATION[-1]) if is_admin() else NAVIGATION,
        "asset": asset,
        "visitor": visitor(),
        "here": here(),
        "origin": origin(),
        "with_links": linked,
        "folded": folded,
        "now_ms": now,
    }


def origin() -> str:
    """The beginning of every address of this site, as the reader's browser knows it."""
    return f"{request.headers.get('X-Forwarded-Proto', request.scheme)}://{request.host}"


def is_admin() -> bool:
    """If an administrator looks at the page."""
    there = visitor()
    return there is not None and there.admin


def here() -> str:
    """The address of this view, to come back to; the page's own address where only a part of it was asked for."""
    query = request.query_string.decode("ascii", "replace")
    return f"{request.path}?{query}" if query and request.method == "GET" else request.path


def local(address: str, otherwise: str = "/") -> str:
    """An address to go on to, if it is one of this site."""
    fine = address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
    return address if fine else otherwise


def is_partial() -> bool:
    """If htmx asks, for a part of the page that it has."""
    return request.headers.get("HX-Request") == "true"


@cache
def asset(name: str) -> str:
    """The address of a file under `static/`, which changes with its content."""
    digest = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()
    return f"/static/{name}?v={digest[:12]}"


@site.after_app_request
def keep_assets(answer: Response) -> Response:
    """Files whose address names their content are never asked for again."""
    if request.path.startswith("/static/") and "v" in request.args and answer.status_code == 200:
        answer.headers["Cache-Control"] = FOREVER
    return answer


@site.get("/language")
def choose_language() -> Response:
    """Remembers the language that the reader chose, and goes back to where the choice was made."""
    answer = make_response("", 303)
    answer.headers["Location"] = local(request.args.get("back", "/"))
    chosen = request.args.get("to", "")
    if chosen in i18n.LANGUAGES:
        answer.set_cookie(i18n.CHOICE, chosen, max_age=365 * i18n.DAY, httponly=True, samesite="Lax")
    return answer
