"""The short way to what is asked most often, timelines and pages of results, past the framework.

Flask's way around an operation (routing, two contexts, a session, signals, a dozen hooks, an answer object) takes more
time than a kept page of results does. A plain GET is recognised, guarded, counted and answered here by the same parts:
the models of the parameters, the guard, the view, the metrics. All else goes Flask's way: tokens that no process
remembers, parameters that are refused, and every error, which Flask turns into an answer without asking the view again.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

import structlog
from flask import Flask, g

from riverline.accounts.contracts import Token
from riverline_api import metrics
from riverline_api.http.access import NOT_STORED, Guard, level_of, opens, secret_of, user_of
from riverline_api.http.acting_user import acts_as
from riverline_api.http.requests import CARRIED, JSON, RAISED, REQUEST_ID, Environ, LeanOperation, Parameters

Start = Callable[..., Any]
_HOST = re.compile(r"[A-Za-z0-9.-]*(:[0-9]*)?")


class LeanPath:
    """Stands before an application of WSGI, behind what gives each request its id (`requests.py`)."""

    def __init__(self, app: Flask, guard: Guard, operations: Mapping[str, LeanOperation], origins: bool) -> None:
        self._application, self._app, self._guard = app.wsgi_app, app, guard
        self._operations = {path: (one, level_of("GET", path)) for path, one in operations.items()}
        self._vary = [("Vary", "Origin")] if origins else []

    def __call__(self, environ: Environ, start_response: Start) -> Iterable[bytes]:
        started = time.perf_counter()
        path = environ["PATH_INFO"]
        body = self._body(path, environ) if path in self._operations and _is_plain(environ) else None
        if body is None:
            return self._application(environ, start_response)
        metrics.answered(path, "GET", 200, time.perf_counter() - started)
        start_response("200 OK", [("Content-Type", JSON), ("Content-Length", str(len(body))), *self._vary])
        return [body]

    def _body(self, path: str, environ: Environ) -> bytes | None:
        """The answer; None where it is Flask's to make."""
        operation, level = self._operations[path]
        header = environ.get("HTTP_AUTHORIZATION")
        secret = secret_of(header) if header else ""
        token = self._guard.recognition.remembered(secret) if secret else None
        parameters = operation.parameters(environ)
        if parameters is None or (secret and token is None) or not opens(token, level):
            return None
        with self._app.app_context():
            left = self._guard.count(environ, token)
            if left and left.exceeded:
                return None
            carried = environ[CARRIED]
            counted = len(carried)
            try:
                body = _asked(operation, parameters, environ, token)
            except Exception as error:
                environ[RAISED] = error
                del carried[counted:]
                return None
        if header:
            carried.append(NOT_STORED)
        return body


def _asked(operation: LeanOperation, parameters: Parameters, environ: Environ, token: Token | None) -> bytes:
    g.environ, g.request_id, g.token = environ, environ[REQUEST_ID], token
    acts_as(user_of(token))
    structlog.contextvars.bind_contextvars(request_id=g.request_id)  # what is logged on the way carries it
    try:
        return operation.view(query=parameters)
    finally:
        structlog.contextvars.unbind_contextvars("request_id")


def _is_plain(environ: Environ) -> bool:
    return (
        environ["REQUEST_METHOD"] == "GET"
        and not environ.get("SCRIPT_NAME")
        and "HTTP_ORIGIN" not in environ
        and _names_host(environ.get("HTTP_HOST", ""))
    )


@lru_cache(1000)
def _names_host(host: str) -> bool:
    """What else may stand there the framework judges."""
    return _HOST.fullmatch(host) is not None


def register(app: Flask, guard: Guard, operations: Mapping[str, LeanOperation], origins: bool) -> None:
    """Puts it before an application; `origins`: scripts of other sites may ask (`cors.py`)."""
    app.wsgi_app = LeanPath(app, guard, operations, origins)  # type: ignore[method-assign]
