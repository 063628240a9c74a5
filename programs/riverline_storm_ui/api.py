"""The GET requests of Storm UI's REST API. Names of paths and fields are those of its document (2.8)."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Blueprint, abort, current_app, request

from riverline_storm_ui import cluster, graph, own_figures, topology
from riverline_storm_ui.logs import LogLinks
from riverline_storm_ui.nimbus import nimbus, now, system, topology_name, topology_page

Answer = dict[str, Any]

OF_CLUSTER: Mapping[str, Callable[[Any], Answer]] = {
    "cluster/summary": cluster.cluster_summary,
    "topology/summary": cluster.topology_summaries,
    "supervisor/summary": cluster.supervisor_summaries,
    "nimbus/summary": cluster.nimbus_summaries,
}
LINKS = "riverline-log-links"

api = Blueprint("api", __name__, url_prefix="/api/v1")


def links() -> LogLinks:
    found: LogLinks = current_app.extensions[LINKS]
    return found


def of_cluster(summary: Callable[[Any], Answer]) -> Answer:
    """What is said about the cluster as a whole."""
    with nimbus() as client:
        return summary(client.getClusterInfo())


for path, summary in OF_CLUSTER.items():
    api.add_url_rule(f"/{path}", path, partial(of_cluster, summary))


@api.get("/cluster/configuration")
def configuration() -> Answer:
    """Nimbus's own configuration."""
    with nimbus() as client:
        return dict(json.loads(client.getNimbusConf()))


@api.get("/history/summary")
def history() -> Answer:
    """The topologies that an account has submitted, as Nimbus remembers them: by id."""
    with nimbus() as client:
        return {"topo-history": list(client.getTopologyHistory(request.args.get("user", "")).topo_ids or [])}


@api.get("/supervisor")
def of_supervisor() -> Answer:
    """A supervisor by its id, or those of a host, with their workers."""
    asked, host = request.args.get("id"), request.args.get("host")
    if not asked and not host:
        abort(404, "a supervisor is asked for by id or by host")
    with nimbus() as client:
        known = client.getClusterInfo().supervisors or []
        if not any(each.supervisor_id == asked if asked else each.host == host for each in known):
            abort(404, f"there is no supervisor {asked or host}")
        return cluster.supervisor_page(client.getSupervisorPageInfo(asked, host, system()), links())


@api.get("/owner-resources")
def owners() -> Answer:
    with nimbus() as client:
        return {"schedulerDisplayResource": False, "owners": cluster.owner_summaries(client.getClusterInfo())}


@api.get("/owner-resources/<owner>")
def of_owner(owner: str) -> Answer:
    """An account with its topologies."""
    with nimbus() as client:
        found = cluster.owner_summary(client.getClusterInfo(), owner)
    if not found["topologies"]:
        abort(404, f"no topology belongs to {owner}")
    return found


@api.get("/topology/<name>", strict_slashes=False)
def of_topology(name: str) -> Answer:
    """A topology by its id, with its components."""
    with nimbus() as client:
        found, window, _ = topology_page(client, name)
        return topology.topology(found, window, now(), links())


@api.get("/topology/<name>/component/<component>", strict_slashes=False)
def of_component(name: str, component: str) -> Answer:
    """A component with its executors, streams and errors."""
    with nimbus() as client:
        found, window, also = topology_page(client, name)
        if component not in {*(found.id_to_bolt_agg_stats or {}), *(found.id_to_spout_agg_stats or {})}:
            abort(404, f"the topology {name} has no component {component}")
        asked = client.getComponentPageInfo(name, component, window, also)
        return topology.component(asked, window, now(), links())


@api.get("/topology/<name>/lag")
def lag(name: str) -> Answer:
    """How far the topology's spout is behind, by topic; the spout alone where that is not known."""
    told = of_topology(name)
    found, why = own_figures.own(told["name"])
    spout = next((each["spoutId"] for each in told["spouts"]), "")
    if found is None:
        return {spout: {"spoutId": spout, "spoutType": "KAFKA", "errorInfo": why or "nothing is known of its lag"}}
    return own_figures.lags(found, spout)


@api.get("/topology-workers/<name>")
def workers(name: str) -> Answer:
    """Where the workers of a topology run."""
    with nimbus() as client:
        found, _, _ = topology_page(client, name)
    listed = sorted({(each.host, each.port) for each in found.workers or []})
    return {
        "hostPortList": [{"host": host, "port": port} for host, port in listed],
        "logviewerPort": links().ui_port,
    }


@api.get("/topology/<name>/visualization")
def visualization(name: str) -> Answer:
    """The topology's graph, with the figures of its components."""
    return components(name)


@api.get("/topology/<name>/visualization-init")
def visualization_streams(name: str) -> Answer:
    return graph.streams(components(name))


def components(name: str) -> dict[str, graph.Component]:
    """The graph of a topology by its id. Raises Transient."""
    with nimbus() as client:
        found, _, _ = topology_page(client, name)
        return graph.visualization(client.getUserTopology(name), found)


def named(topology_id: str) -> str:
    """The name of a topology by its id."""
    with nimbus() as client:
        return topology_name(client, topology_id)
