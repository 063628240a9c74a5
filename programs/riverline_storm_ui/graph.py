"""Which component follows which, from Thrift's StormTopology: as Storm UI's API tells it, and as a drawing. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Component = dict[str, Any]  # in the form of Storm UI's visualization, its keys with colons

BOX, GAP = (170, 44), (70, 30)  # of the drawing, in pixels: width and height; between columns and between rows
BEND = 60  # pixels by which an arrow that passes over columns leaves its row
GROUPINGS = ("fields", "shuffle", "all", "none", "direct", "custom_object", "custom_serialized", "local_or_shuffle")


def visualization(structure: Any, page: Any) -> dict[str, Component]:
    """`/api/v1/topology/{id}/visualization`: StormTopology and TopologyPageInfo. Latencies in milliseconds."""
    spouts, bolts = page.id_to_spout_agg_stats or {}, page.id_to_bolt_agg_stats or {}
    found: dict[str, Component] = {}
    for name, spec in sorted((structure.spouts or {}).items()):
        told = spouts.get(name)
        latency = told.specific_stats.spout.complete_latency_ms if told else 0
        found[name] = {":type": "spout", ":latency": latency or 0.0, **_shared(name, page.id, spec, told)}
    for name, spec in sorted((structure.bolts or {}).items()):
        told = bolts.get(name)
        own = told.specific_stats.bolt if told else None
        figures = {
            ":capacity": (own and own.capacity) or 0.0,
            ":latency": (own and own.process_latency_ms) or 0.0,
        }
        found[name] = {":type": "bolt", **figures, **_shared(name, page.id, spec, told)}
    return {name: each for name, each in found.items() if not name.startswith("__")}


def streams(graph: Mapping[str, Component]) -> dict[str, Any]:
    """`/api/v1/topology/{id}/visualization-init`: the streams, of which Storm's page shows four in a row."""
    names = sorted({each[":stream"] for one in graph.values() for each in one[":inputs"]})
    told = [{":stream": name, ":sani-stream": _sane(name), ":checked": True} for name in names]
    return {"visualizationTable": [{":row": told[first : first + 4]} for first in range(0, len(told), 4)]}


def _shared(name: str, topology_id: str, spec: Any, told: Any) -> Component:
    return {
        ":transferred": (told.common_stats.transferred if told else 0) or 0,
        ":tasks": (told.common_stats.num_tasks if told else 0) or 0,
        ":link": f"/component.html?id={name}&topology_id={topology_id}",
        ":inputs": [
            {
                ":component": stream.componentId,
                ":stream": stream.streamId,
                ":sani-stream": _sane(stream.streamId),
                ":grouping": _grouping(grouping),
            }
            for stream, grouping in sorted((spec.common.inputs or {}).items(), key=lambda item: str(item[0]))
            if not stream.streamId.startswith("__")
        ],
    }


def _sane(stream: str) -> str:
    return re.sub(r"[^A-Za-z_\-:.]", "_", stream)


def _grouping(grouping: Any) -> str:
    return next((name for name in GROUPINGS if getattr(grouping, name, None) is not None), "none")


# --- the drawing ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Box:
    """A component where it stands, from its upper left corner."""

    name: str
    x: int
    y: int
    told: Component


@dataclass(frozen=True)
class Arrow:
    """From one component to another: the path of SVG, and what flows there."""

    path: str
    streams: str
    x: int
    y: int


@dataclass(frozen=True)
class Drawing:
    """Boxes in columns: each component stands right of all whose streams it takes."""

    width: int
    height: int
    boxes: list[Box]
    arrows: list[Arrow]


def drawing(graph: Mapping[str, Component]) -> Drawing:
    columns: dict[int, list[str]] = {}
    for name, column in _columns(graph).items():
        columns.setdefault(column, []).append(name)
    rows = max(map(len, columns.values()), default=1)
    top = BEND * max(columns, default=0) // 2 + GAP[1]
    boxes = {
        name: Box(name, column * (BOX[0] + GAP[0]) + 10, top + row * (BOX[1] + GAP[1]), graph[name])
        for column, names in columns.items()
        for row, name in enumerate(sorted(names))
    }
    arrows = [
        _arrow(boxes[source], boxes[name], sorted(flowing))
        for name in graph
        for source, flowing in _sources(graph, name).items()
        if source in boxes
    ]
    width = (max(columns, default=0) + 1) * (BOX[0] + GAP[0])
    return Drawing(width, top + rows * (BOX[1] + GAP[1]), list(boxes.values()), arrows)


def _sources(graph: Mapping[str, Component], name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for each in graph[name][":inputs"]:
        found.setdefault(each[":component"], set()).add(f"{each[':stream']} ({each[':grouping']})")
    return found


def _columns(graph: Mapping[str, Component]) -> dict[str, int]:
    """The column of each component: one more than the last of its sources; a cycle ends after as many as there are."""
    found = dict.fromkeys(graph, 0)
    for _ in graph:
        for name in graph:
            before = [found[source] for source in _sources(graph, name) if source in found and source != name]
            found[name] = min(max(before, default=-1) + 1, len(graph) - 1)
    return found


def _arrow(source: Box, target: Box, flowing: list[str]) -> Arrow:
    """A straight one to the next column; one that passes over others bends above them."""
    x1, y1, x2, y2 = source.x + BOX[0], source.y + BOX[1] // 2, target.x, target.y + BOX[1] // 2
    passed = (target.x - source.x) // (BOX[0] + GAP[0]) - 1
    if passed <= 0:
        return Arrow(f"M{x1},{y1} L{x2},{y2}", ", ".join(flowing), (x1 + x2) // 2, (y1 + y2) // 2)
    x1, y1, x2, y2 = source.x + BOX[0] // 2, source.y, target.x + BOX[0] // 2, target.y
    high = min(y1, y2) - BEND * passed // 2 - GAP[1]
    return Arrow(f"M{x1},{y1} C{x1},{high} {x2},{high} {x2},{y2}", ", ".join(flowing), (x1 + x2) // 2, high)
