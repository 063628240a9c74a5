"""Request bodies are JSON: anything else is refused before the operation runs. Each is parsed once."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask, Request, Response, request

from riverline_api.http.problems import problem

WITH_BODY = ("POST", "PUT", "PATCH")
API = "/api/"
_UNREAD = object()


class JsonRequest(Request):
    """A request that remembers what its body was parsed to, for the framework's own look at it."""

    parsed: Any = _UNREAD

    def get_json(self, force: bool = False, silent: bool = False, cache: bool = True) -> Any:
        """What the body says, as Flask has it."""
        return super().get_json(force, silent, cache) if self.parsed is _UNREAD else self.parsed


def register(app: Flask) -> None:
    """Adds it to an application, behind what guards it."""
    app.request_class = JsonRequest

    @app.before_request
    def look() -> Response | None:
        asked: JsonRequest = request._get_current_object()  # type: ignore[attr-defined]  # once: the proxy looks for it
        if asked.method not in WITH_BODY or not asked.path.startswith(API) or asked.url_rule is None:
            return None
        body = asked.get_data(cache=True)
        if not body:
            return None
        if not asked.is_json:
            said = asked.mimetype or "no content type"
            return problem(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"the body must be application/json, not {said[:100]}")
        try:
            asked.parsed = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            where = f"line {error.lineno}, column {error.colno}"
            return problem(HTTPStatus.BAD_REQUEST, f"the body is not JSON: {error.msg} ({where})", kind="bad-json")
        return None
