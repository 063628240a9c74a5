"""Errors as pages: what the API answers as JSON, browsers get as a page in their language."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Flask, Response, abort, g, render_template, request

from riverline.errors import Transient
from riverline_api.http.problems import MEDIA_TYPE
from riverline_api.web.layout import is_partial, shared
from riverline_api.web.session import from_here, is_api

KNOWN = (401, 403, 404, 405, 422, 429, 500, 503)


def register(app: Flask) -> None:
    """Adds it to an application."""

    @app.before_request
    def forms_from_here() -> None:
        if request.method == "POST" and not is_api() and not from_here():
            abort(403, "a form of another site")

    @app.after_request
    def for_people(answer: Response) -> Response:
        if answer.status_code >= 400 and answer.mimetype == MEDIA_TYPE and not is_api() and _wants_page():
            _turn_into_page(answer)
        return answer


def _wants_page() -> bool:
    wanted = request.accept_mimetypes
    return is_partial() or ("text/html" in wanted.values() and wanted["text/html"] >= wanted[MEDIA_TYPE])


def _turn_into_page(answer: Response) -> None:
    problem: dict[str, Any] = orjson.loads(answer.get_data())
    status = answer.status_code
    kind = status if status in KNOWN else 500 if status >= 500 else 422
    values = {"kind": kind, "status": status, "detail": problem["detail"], "request_id": g.get("request_id", "")}
    seconds = answer.headers.get("Retry-After", "")
    template = "error_part.html" if is_partial() else "error.html"
    try:
        answer.set_data(render_template(template, **_shared(), **values, seconds=seconds))
    except Transient:
        return  # the problem itself says enough
    answer.mimetype = "text/html"
    answer.headers["Vary"] = "Accept, Accept-Language, Cookie, HX-Request"
    answer.headers["Cache-Control"] = "no-store"


def _shared() -> dict[str, Any]:
    """An error of a form has no address to come back to."""
    return shared() if request.method == "GET" else {**shared(), "here": "/"}
