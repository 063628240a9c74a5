"""What changes topologies: Storm UI's POST requests, the same as forms of the pages, and the session of who may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from flask import Blueprint, Response, abort, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from riverline.adapters.storm import topologies
from riverline.errors import Invalid
from riverline_storm_ui.access import COOKIE, SESSION_SECONDS, access, changing, reading
from riverline_storm_ui.formatting import local_path
from riverline_storm_ui.nimbus import nimbus, topology_name

Answer = dict[str, Any]

actions = Blueprint("actions", __name__)
OF_TOPOLOGY = "/api/v1/topology/<topology_id>"


@actions.get("/login")
def login_page() -> str:
    return render_template("login.html", next=local_path(request.args.get("next", "/")), refused=False)


@actions.post("/login")
def login() -> AnyResponse | tuple[str, int]:
    """A session for who shows the token."""
    target = local_path(request.form.get("next", "/"))
    if not access().is_token(request.form.get("token", "").strip()):
        return render_template("login.html", next=target, refused=True), 401
    answer = redirect(target, 303)
    answer.set_cookie(COOKIE, access().session(), max_age=SESSION_SECONDS, httponly=True, samesite="Strict")
    return answer


@actions.post("/logout")
@changing
def logout() -> AnyResponse:
    answer = redirect("/", 303)
    answer.delete_cookie(COOKIE, httponly=True, samesite="Strict")
    return answer


@actions.post(f"{OF_TOPOLOGY}/activate")
@changing
def activate(topology_id: str) -> AnyResponse:
    return _done("activate", topology_id, topologies.activate)


@actions.post(f"{OF_TOPOLOGY}/deactivate")
@changing
def deactivate(topology_id: str) -> AnyResponse:
    return _done("deactivate", topology_id, topologies.deactivate)


@actions.post(f"{OF_TOPOLOGY}/rebalance/<wait>")
@changing
def rebalance(topology_id: str, wait: str) -> AnyResponse:
    """The body of the API is Storm's: `{"rebalanceOptions": {"numWorkers": 2, "executors": {"parse": 3}}}`."""
    sent = request.get_json(silent=True) if request.is_json else {}
    if not isinstance(sent, dict) or not isinstance(options := sent.get("rebalanceOptions", {}), dict):
        raise Invalid("the body is an object with rebalanceOptions")
    told = options.get("executors") or {
        name.removeprefix("executors."): count
        for name, count in request.form.items()
        if name.startswith("executors.") and count
    }
    workers = options.get("numWorkers", request.form.get("numWorkers") or None)
    if not isinstance(told, dict):
        raise Invalid("executors are an object: component, number")
    executors = {str(name): _whole(str(name), count) for name, count in told.items()}
    count = _whole("numWorkers", workers) if workers is not None else None

    def change(client: Any, name: str) -> None:
        topologies.rebalance(client, name, _whole("wait", wait), count, executors)

    return _done("rebalance", topology_id, change)


@actions.post(f"{OF_TOPOLOGY}/kill/<wait>")
@changing
def kill(topology_id: str, wait: str) -> AnyResponse:
    """A form has to name the topology: a kill is not taken back."""

    def change(client: Any, name: str) -> None:
        if request.form.get("name", name) != name:
            raise Invalid("type the name of the topology that is to be killed")
        topologies.kill(client, name, _whole("wait", wait))

    return _done("kill", topology_id, change, back="/")


@actions.post(f"{OF_TOPOLOGY}/profiling/restartworker/<address>")
@changing
def restart_worker(topology_id: str, address: str) -> AnyResponse:
    """Storm's path; it asks for it by GET, which a link in any page could send."""
    host, _, port = address.rpartition(":")

    def change(client: Any, name: str) -> None:
        topologies.restart_worker(client, topology_id, host, _whole("port", port))

    return _done("restartworker", topology_id, change)


@actions.post(f"{OF_TOPOLOGY}/debug/<enable>/<percent>")
@changing
def debug(topology_id: str, enable: str, percent: str) -> AnyResponse:
    return _debug(topology_id, "", enable, percent)


@actions.post(f"{OF_TOPOLOGY}/component/<component>/debug/<enable>/<percent>")
@changing
def debug_component(topology_id: str, component: str, enable: str, percent: str) -> AnyResponse:
    return _debug(topology_id, component, enable, percent)


@actions.get(f"{OF_TOPOLOGY}/logconfig")
@reading
def log_levels(topology_id: str) -> Answer:
    with nimbus() as client:
        topology_name(client, topology_id)
        return {"namedLoggerLevels": topologies.log_levels(client, topology_id)}


@actions.post(f"{OF_TOPOLOGY}/logconfig")
@changing
def set_log_levels(topology_id: str) -> AnyResponse | Answer:
    """Storm's body: `{"namedLoggerLevels": {"org.apache": {"target_level": "DEBUG", "timeout": 60}}}`."""
    asked = _asked_levels()
    with nimbus() as client:
        topology_name(client, topology_id)
        for logger, one in asked.items():
            level = one.get("target_level") or None
            topologies.set_log_level(client, topology_id, logger, level, _whole("timeout", one.get("timeout") or 0))
        if not request.is_json:
            return redirect(f"/topology.html?id={topology_id}", 303)
        return {"namedLoggerLevels": topologies.log_levels(client, topology_id)}


def _asked_levels() -> dict[str, dict[str, Any]]:
    if not request.is_json:
        form = request.form
        one = {"target_level": form.get("target_level"), "timeout": form.get("timeout")}
        return {form.get("logger", "") or "ROOT": one}
    sent = request.get_json(silent=True)
    asked = sent.get("namedLoggerLevels") if isinstance(sent, dict) else None
    if not isinstance(asked, dict) or not all(isinstance(one, dict) for one in asked.values()):
        raise Invalid("the body is an object with namedLoggerLevels")
    return cast("dict[str, dict[str, Any]]", asked)


def _debug(topology_id: str, component: str, enable: str, percent: str) -> AnyResponse:
    if enable not in ("enable", "disable"):
        abort(404, "debugging is enabled or disabled")
    share = float(percent) if percent.replace(".", "", 1).isdecimal() else -1.0
    on = enable == "enable"
    return _done(
        f"debug/{enable}", topology_id, lambda client, name: topologies.debug(client, name, component, on, share)
    )


def _done(operation: str, topology_id: str, change: Callable[[Any, str], None], back: str = "") -> AnyResponse:
    """Does it, and says so in Storm's form; to a form of a page by showing the topology."""
    with nimbus() as client:
        change(client, topology_name(client, topology_id))
    if request.form:
        return redirect(back or f"/topology.html?id={topology_id}", 303)
    answer: Response = jsonify(topologyOperation=operation, topologyId=topology_id, status="success")
    return answer


def _whole(name: str, text: object) -> int:
    if isinstance(text, bool) or not str(text).isdecimal() or len(str(text)) > 9:
        raise Invalid(f"{name} is a whole number")
    return int(str(text))
