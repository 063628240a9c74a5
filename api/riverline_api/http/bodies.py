"""Request bodies are JSON: anything else is refused before the operation runs."""

from __future__ import annotations

from http import HTTPStatus

import orjson
from flask import Flask, Response, request

from riverline_api.http.problems import problem

WITH_BODY = ("POST", "PUT", "PATCH")
API = "/api/"


def register(app: Flask) -> None:
    """Adds it to an application, behind what guards it."""

    @app.before_request
    def look() -> Response | None:
        if request.method not in WITH_BODY or not request.path.startswith(API) or request.url_rule is None:
            return None
        body = request.get_data(cache=True)
        if not body:
            return None
        if not request.is_json:
            said = request.mimetype or "no content type"
            return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"the body must be application/json, not {said[:100]}")
        try:
            orjson.loads(body)
        except orjson.JSONDecodeError as error:
            where = f"line {error.lineno}, column {error.colno}"
            return problem(HTTPStatus.BAD_REQUEST, f"the body is not JSON: {error.msg} ({where})", kind="bad-json")
        return None
