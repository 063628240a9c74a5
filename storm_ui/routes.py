"""Which path asks what of Nimbus. Knows no socket: a path and a client in, a document out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from storm_ui import cluster, topology
from storm_ui.topology import Logs
from storm_ui.words import ALL_TIME, WINDOWS

Answer = dict[str, Any]

CLUSTER: Mapping[str, Callable[[Any], Answer]] = {
    "/api/v1/cluster/summary": cluster.cluster_summary,
    "/api/v1/topology/summary": cluster.topology_summaries,
    "/api/v1/supervisor/summary": cluster.supervisor_summaries,
    "/api/v1/nimbus/summary": cluster.nimbus_summaries,
}
CONFIGURATION = "/api/v1/cluster/configuration"
TOPOLOGY = re.compile(r"/api/v1/topology/(?P<id>[^/]+)(?:/component/(?P<component>[^/]+))?/?")


class Unknown(LookupError):
    """There is no such path, topology, component or window."""


def answer(path: str, query: Mapping[str, str], nimbus: Any, now: float) -> Answer:
    """What Storm UI answers to a GET of the path. Raises Unknown; what Nimbus raises goes through."""
    if path in CLUSTER:
        return CLUSTER[path](nimbus.getClusterInfo())
    if path == CONFIGURATION:
        return dict(json.loads(nimbus.getNimbusConf()))
    if match := TOPOLOGY.fullmatch(path):
        return _of_topology(match["id"], match["component"], query, nimbus, now)
    raise Unknown(f"{path} is none of the paths that this service knows")


def _of_topology(name: str, component: str | None, query: Mapping[str, str], nimbus: Any, now: float) -> Answer:
    window, system = query.get("window", ALL_TIME), query.get("sys", "false").lower() in ("1", "true")
    if window not in WINDOWS:
        raise Unknown(f"there is no window {window}; there are: {', '.join(WINDOWS)}")
    if name not in {each.id for each in nimbus.getClusterInfo().topologies or []}:
        raise Unknown(f"there is no topology with the id {name}")
    page = nimbus.getTopologyPageInfo(name, window, system)
    logs = Logs(json.loads(page.topology_conf).get("storm.workers.artifacts.dir") or "")
    if component is None:
        return topology.topology(page, window, now, logs)
    if component not in {*(page.id_to_bolt_agg_stats or {}), *(page.id_to_spout_agg_stats or {})}:
        raise Unknown(f"the topology {name} has no component {component}")
    return topology.component(nimbus.getComponentPageInfo(name, component, window, system), window, now, logs)
