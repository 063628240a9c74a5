"""Storm UI's REST API, and a page of the cluster at a glance, as a Flask application."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import Any

from flask import Blueprint, Flask, Response, abort, current_app, render_template, request
from werkzeug.exceptions import HTTPException

from riverline.errors import Transient
from riverline_storm_ui import cluster, topology
from riverline_storm_ui.formatting import ALL_TIME, WINDOWS
from riverline_storm_ui.topology import Logs

Answer = dict[str, Any]
Connect = Callable[[], AbstractContextManager[Any]]

OF_CLUSTER: Mapping[str, Callable[[Any], Answer]] = {
    "cluster/summary": cluster.cluster_summary,
    "topology/summary": cluster.topology_summaries,
    "supervisor/summary": cluster.supervisor_summaries,
    "nimbus/summary": cluster.nimbus_summaries,
}
HEADERS = {
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
}
_CONNECT, _NOW = "riverline-nimbus", "riverline-now"

ui = Blueprint("ui", __name__)


def create_app(connect: Connect, now: Callable[[], float] = time.time) -> Flask:
    """`connect` opens a client of Nimbus, one for each request; `now`: seconds since 1970."""
    app = Flask(__name__, static_folder=None)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions |= {_CONNECT: connect, _NOW: now}
    app.register_blueprint(ui)
    return app


@ui.get("/")
def page() -> str:
    """The cluster at a glance."""
    with _nimbus() as nimbus:
        found = nimbus.getClusterInfo()
        topologies = [_topology(nimbus, each.id) for each in found.topologies or []]
    supervisors = cluster.supervisor_summaries(found)["supervisors"]
    return render_template(
        "page.html", cluster=cluster.cluster_summary(found), supervisors=supervisors, topologies=topologies
    )


def of_cluster(summary: Callable[[Any], Answer]) -> Answer:
    """What is said about the cluster as a whole."""
    with _nimbus() as nimbus:
        return summary(nimbus.getClusterInfo())


for path, summary in OF_CLUSTER.items():
    ui.add_url_rule(f"/api/v1/{path}", path, partial(of_cluster, summary))


@ui.get("/api/v1/cluster/configuration")
def configuration() -> Answer:
    """Nimbus's own configuration."""
    with _nimbus() as nimbus:
        return dict(json.loads(nimbus.getNimbusConf()))


@ui.get("/api/v1/topology/<name>", strict_slashes=False)
def of_topology(name: str) -> Answer:
    """A topology by its id, with its components."""
    with _nimbus() as nimbus:
        return _topology(nimbus, name)


@ui.get("/api/v1/topology/<name>/component/<component>", strict_slashes=False)
def of_component(name: str, component: str) -> Answer:
    """A component with its executors and streams."""
    with _nimbus() as nimbus:
        found, window, system = _topology_page(nimbus, name)
        if component not in {*(found.id_to_bolt_agg_stats or {}), *(found.id_to_spout_agg_stats or {})}:
            abort(404, f"the topology {name} has no component {component}")
        asked = nimbus.getComponentPageInfo(name, component, window, system)
        return topology.component(asked, window, _now(), _logs(found))


@ui.app_errorhandler(HTTPException)
def refused(error: HTTPException) -> tuple[Answer, int]:
    """Storm UI's own form of an error."""
    code = error.code or 500
    return {"error": f"{code} {error.name}", "errorMessage": error.description or error.name}, code


@ui.app_errorhandler(Transient)
def away(error: Transient) -> tuple[Answer, int]:
    """Nimbus does not answer, or refuses a request."""
    return {"error": "503 Service Unavailable", "errorMessage": str(error)}, 503


@ui.after_app_request
def guarded(response: Response) -> Response:
    """Nothing is kept, and a page runs no script."""
    response.headers.update(HEADERS)
    return response


def _nimbus() -> AbstractContextManager[Any]:
    connect: Connect = current_app.extensions[_CONNECT]
    return connect()


def _now() -> float:
    now: Callable[[], float] = current_app.extensions[_NOW]
    return now()


def _topology(nimbus: Any, name: str) -> Answer:
    found, window, _ = _topology_page(nimbus, name)
    return topology.topology(found, window, _now(), _logs(found))


def _topology_page(nimbus: Any, name: str) -> tuple[Any, str, bool]:
    """A topology's figures from Nimbus for a window, with Storm's system components or without."""
    window, system = request.args.get("window", ALL_TIME), request.args.get("sys", "false").lower() in ("1", "true")
    if window not in WINDOWS:
        abort(404, f"there is no window {window}; there are: {', '.join(WINDOWS)}")
    if name not in {each.id for each in nimbus.getClusterInfo().topologies or []}:
        abort(404, f"there is no topology with the id {name}")
    return nimbus.getTopologyPageInfo(name, window, system), window, system


def _logs(found: Any) -> Logs:
    return Logs(json.loads(found.topology_conf).get("storm.workers.artifacts.dir") or "")
