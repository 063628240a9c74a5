"""Storm UI's REST API, its pages and its log viewer, as a Flask application."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Flask, Response, redirect, render_template, request
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from riverline.errors import Invalid, Transient
from riverline_storm_ui import access as accesses
from riverline_storm_ui.access import TokenAccess
from riverline_storm_ui.actions import actions
from riverline_storm_ui.api import LINKS, api
from riverline_storm_ui.log_viewer import LOGS, log_viewer
from riverline_storm_ui.logs import LogLinks, WorkerLogs
from riverline_storm_ui.nimbus import CONNECT, NOW, Connect
from riverline_storm_ui.own_figures import OWN, OwnFigures
from riverline_storm_ui.pages import pages

Answer = dict[str, Any]

HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'",
}


def create_app(
    connect: Connect,
    now: Callable[[], float] = time.time,
    *,
    artifacts: Path,
    token: str = "",
    ui_port: int = 8081,
    own: OwnFigures | None = None,
) -> Flask:
    """`connect` opens a client of Nimbus, one for each request; `now`: seconds since 1970. `artifacts`: where the logs
    of this host's workers are; `token`: what opens them and changes topologies, by default nothing does; `ui_port`:
    where this program listens on every host; `own`: where the tasks' own figures come from."""
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.config["MAX_CONTENT_LENGTH"] = 65_536
    app.extensions |= {CONNECT: connect, NOW: now, LINKS: LogLinks(ui_port), LOGS: WorkerLogs(artifacts), OWN: own}
    accesses.install(app.extensions, TokenAccess(token, now))
    for blueprint in (api, pages, actions, log_viewer):
        app.register_blueprint(blueprint)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(Transient, away)
    app.register_error_handler(Invalid, wrong)
    app.after_request(guarded)
    app.context_processor(visitor)
    return app


def visitor() -> Answer:
    """What every page knows: whether it may change something, and the proof that a change comes from it."""
    own = accesses.session()
    return {"logged_in": bool(own), "csrf": accesses.access().proof(own) if own else "", "here": request.full_path}


def refused(error: HTTPException) -> tuple[Answer | str, int] | AnyResponse:
    """On a page, who needs a session is led to where it begins."""
    code = error.code or 500
    if code == 401 and request.method == "GET" and not request.path.startswith("/api/"):
        return redirect(f"/login?next={quote(request.full_path, safe='')}", 303)
    return failed(f"{code} {error.name}", error.description or error.name, code)


def away(error: Transient) -> tuple[Answer | str, int]:
    """Nimbus does not answer, or refuses a request."""
    return failed("503 Service Unavailable", str(error), 503)


def wrong(error: Invalid) -> tuple[Answer | str, int]:
    return failed("400 Bad Request", str(error), 400)


def failed(name: str, message: str, code: int) -> tuple[Answer | str, int]:
    """A page for who is shown pages, Storm UI's own form of an error for everybody else."""
    told = {"error": name, "errorMessage": message}
    shown = request.accept_mimetypes.best_match(("application/json", "text/html")) == "text/html"
    return (render_template("error.html", told=told) if shown else told), code


def guarded(response: Response) -> Response:
    """Nothing is kept, and a page runs no script."""
    response.headers.update(HEADERS)
    return response
