"""Storm UI's pages: the same form, order and words as the original's (2.x), without a script."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request
from werkzeug.wrappers import Response

from riverline_storm_ui import api, graph, own_figures
from riverline_storm_ui.formatting import ALL_TIME, WINDOWS, window
from riverline_storm_ui.nimbus import system

pages = Blueprint("pages", __name__)

WINDOW_NAMES = [(name, window(name)) for name in WINDOWS]


@pages.get("/")
@pages.get("/index.html")
def index() -> str:
    """The cluster: its summary, Nimbuses, owners, topologies, supervisors."""
    found = {name: api.of_cluster(summary) for name, summary in api.OF_CLUSTER.items()}
    return render_template(
        "index.html",
        cluster=found["cluster/summary"],
        nimbuses=found["nimbus/summary"]["nimbuses"],
        owners=api.owners()["owners"],
        topologies=found["topology/summary"]["topologies"],
        supervisors=found["supervisor/summary"]["supervisors"],
    )


@pages.get("/topology.html")
def topology() -> str:
    """A topology: its figures by window, its spouts, bolts and workers, and what can be done with it."""
    told = api.of_topology(_asked("id"))
    found, why = own_figures.own(told["name"])
    executors = {each["boltId"]: each["executors"] for each in told["bolts"]}
    steps = own_figures.steps(found, executors) if found else []
    return _page("topology.html", told=told, steps=steps, unknown=why)


@pages.get("/topology/<name>")
def topology_named(name: str) -> Response:
    """The page of the topology that runs under a name: for links from elsewhere, which know of no ids."""
    listed = api.of_cluster(api.OF_CLUSTER["topology/summary"])["topologies"]
    found = next((each["id"] for each in listed if each["name"] == name), None)
    if found is None:
        abort(404, f"no topology runs under the name {name}")
    return redirect(f"/topology.html?id={found}", 303)


@pages.get("/component.html")
def component() -> str:
    """A component: its figures by window, its streams and executors, and its errors in full."""
    told = api.of_component(_asked("topology_id"), _asked("id"))
    found, why = own_figures.own(told["name"]) if told["componentType"] == "spout" else (None, "")
    behind = [each for each in found["topics"] if each["lag"]] if found else []
    return _page("component.html", told=told, known=bool(found), behind=behind, most=own_figures.MOST_TOPICS, why=why)


@pages.get("/supervisor.html")
def supervisor() -> str:
    return render_template("supervisor.html", told=api.of_supervisor())


@pages.get("/owner.html")
def owner() -> str:
    return render_template("owner.html", told=api.of_owner(_asked("id")))


@pages.get("/visualize.html")
def visualize() -> str:
    """The topology's graph."""
    topology_id = _asked("id")
    drawn = graph.drawing(api.components(topology_id))
    return render_template("visualize.html", id=topology_id, name=api.named(topology_id), drawn=drawn, box=graph.BOX)


@pages.get("/configuration.html")
def configuration() -> str:
    """Nimbus' configuration, or that of a topology; with `q`, what of it holds that text."""
    topology_id, wanted = request.args.get("id", ""), request.args.get("q", "")
    settings = api.of_topology(topology_id)["configuration"] if topology_id else api.configuration()
    found = [(key, value) for key, value in sorted(settings.items()) if wanted.lower() in f"{key} {value}".lower()]
    return render_template("configuration.html", id=topology_id, wanted=wanted, found=found, all=len(settings))


def _page(template: str, told: dict[str, Any], **more: object) -> str:
    chosen = request.args.get("window", ALL_TIME)
    return render_template(template, told=told, windows=WINDOW_NAMES, chosen=chosen, system=system(), **more)


def _asked(name: str) -> str:
    value = request.args.get(name, "")
    if not value:
        abort(404, f"which one is named by {name}")
    return value
