"""The cluster at a glance, as one page of HTML without a script."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from typing import Any
from urllib.parse import quote

STYLE = (
    "body{font:15px/1.5 system-ui,sans-serif;margin:2rem;max-width:72rem;color:#1b1f24}table{border-collapse:collapse}"
    "th,td{text-align:right;padding:.25rem .75rem;border-bottom:1px solid #d8dee4}th:first-child,td:first-child"
    "{text-align:left}h2{font-size:1.1rem;margin-top:2rem}@media(prefers-color-scheme:dark){body{background:#15181c;"
    "color:#e6e8ea}a{color:#8ab8ff}th,td{border-color:#3a4048}}"
)
SPOUT = ("emitted", "transferred", "acked", "failed", "completeLatency")
BOLT = ("executed", "acked", "failed", "executeLatency", "processLatency", "capacity")
SUPERVISOR = ("host", "uptime", "slotsTotal", "slotsUsed", "version")


def page(cluster: dict[str, Any], supervisors: Iterable[dict[str, Any]], topologies: Iterable[dict[str, Any]]) -> str:
    """The page of `/`; the arguments are documents of the REST API."""
    head = (
        f"Storm {cluster['stormVersion']}: {cluster['slotsUsed']} of {cluster['slotsTotal']} slots, "
        f"{cluster['executorsTotal']} executors, Nimbus up {cluster['nimbusUptime']}"
    )
    rows = [[each[name] for name in SUPERVISOR] for each in supervisors]
    parts = [f"<p>{escape(head)}", "<h2>Supervisors</h2>", _table(SUPERVISOR, rows)]
    for each in topologies:
        parts += _topology(each)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><meta http-equiv="refresh" content="5">'
        f"<title>Storm</title><style>{STYLE}</style><h1>Storm</h1>{''.join(parts)}"
        "<p>Figures are of all time; latencies are in milliseconds."
    )


def _topology(topology: dict[str, Any]) -> list[str]:
    link = f'<a href="/api/v1/topology/{quote(topology["id"], safe="")}">{escape(topology["name"])}</a>'
    return [
        f"<h2>{link}: {escape(topology['status'].lower())}, up {escape(topology['uptime'])}</h2>",
        _components(topology["spouts"], "spout", SPOUT),
        _components(topology["bolts"], "bolt", BOLT),
    ]


def _components(components: Sequence[dict[str, Any]], kind: str, names: Sequence[str]) -> str:
    columns = (kind, "tasks", *names, "last error")
    rows = [
        [each[f"{kind}Id"], each["tasks"], *(each[name] for name in names), each["lastError"].split("\n")[0]]
        for each in components
    ]
    return _table(columns, rows)


def _table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    head = "".join(f'<th scope="col">{escape(column)}' for column in columns)
    body = "".join("<tr>" + "".join(f"<td>{escape(str(cell))}" for cell in row) for row in rows)
    return f"<table><thead><tr>{head}<tbody>{body}</table>"
