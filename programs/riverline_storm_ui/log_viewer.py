"""Storm's log viewer: the logs of this host's workers, in parts, with a search, whole for those who want a file."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, current_app, render_template, request, send_file

from riverline_storm_ui.access import reading
from riverline_storm_ui.logs import PART, WorkerLogs

LOGS = "riverline-worker-logs"

log_viewer = Blueprint("log_viewer", __name__)


def logs() -> WorkerLogs:
    found: WorkerLogs = current_app.extensions[LOGS]
    return found


@log_viewer.get("/logviewer")
@log_viewer.get("/api/v1/log")
@reading
def log() -> str:
    """A part of a log, by default the last; with `search-string`, where that stands in it."""
    file = request.args.get("file", "")
    names = logs().names()
    if not file:
        return render_template("logviewer.html", names=names, part=None, found=None, wanted="")
    wanted = request.args.get("search-string", "")
    found = logs().search(file, wanted, _number("start-byte-offset", 0), 50) if wanted else None
    start = _number("start", -1)
    part = logs().part(file, start if start >= 0 else None, _number("length", PART))
    return render_template("logviewer.html", names=names, part=part, found=found, wanted=wanted, step=PART)


@log_viewer.get("/api/v1/search")
@reading
def search() -> dict[str, Any]:
    """Storm's form of a search in one log."""
    args = request.args
    offset, most = _number("start-byte-offset", 0), _number("num-matches", 10)
    return logs().search(args.get("file", ""), args.get("search-string", ""), offset, most)


@log_viewer.get("/api/v1/listLogs")
@reading
def list_logs() -> list[str]:
    """The names of logs, of one topology where `topoId` names it, of one port where `port` does."""
    topology, port = request.args.get("topoId", ""), request.args.get("port", "")
    parts = ((name, name.split("/")) for name in logs().names())
    return [name for name, (of, at, _) in parts if topology in ("", of) and port in ("", at)]


@log_viewer.get("/api/v1/download")
@reading
def download() -> Response:
    file = request.args.get("file", "")
    path = logs().path(file)
    return send_file(path, mimetype="text/plain", as_attachment=True, download_name=file.replace("/", "-"))


def _number(name: str, otherwise: int) -> int:
    text = request.args.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 16 else otherwise
