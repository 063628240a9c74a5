"""What Storm UI answers about one topology and about one component of it, from Thrift's page infos. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from riverline_storm_ui.cluster import topology_summary, worker
from riverline_storm_ui.formatting import ALL_TIME, WINDOWS, latency, uptime, window
from riverline_storm_ui.logs import LogLinks

BOLT = 1  # Thrift's ComponentType; SPOUT is 2


def topology(page: Any, chosen: str, now: float, logs: LogLinks) -> dict[str, Any]:
    """`/api/v1/topology/{id}`: `chosen` is the window of the components; `now` in seconds."""
    configuration = json.loads(page.topology_conf)

    def components(kind: Mapping[str, Any], name: str) -> list[dict[str, Any]]:
        return [
            {
                f"{name}Id": component,
                f"encoded{name.capitalize()}Id": quote(component, safe=""),
                "executors": stats.common_stats.num_executors,
                "tasks": stats.common_stats.num_tasks,
                **_figures(stats),
                **_last_error(stats.last_error, page.id, now, logs),
            }
            for component, stats in sorted(kind.items())
        ]

    return {
        **topology_summary(page),
        **_assigned(page),
        "msgTimeout": configuration.get("topology.message.timeout.secs"),
        **_debugging(page.debug_options),
        "window": chosen,
        "windowHint": window(chosen),
        "topologyStats": _topology_stats(page.topology_stats),
        "spouts": components(page.id_to_spout_agg_stats or {}, "spout"),
        "bolts": components(page.id_to_bolt_agg_stats or {}, "bolt"),
        "workers": [worker(each, logs) for each in page.workers or []],
        "configuration": configuration,
    }


def _assigned(page: Any) -> dict[str, Any]:
    """Memory in MB. Nimbus says it of a topology in its list, and on the topology's own page of its workers alone."""
    on_heap, off_heap = (
        getattr(page, name) or sum(getattr(each, name) or 0 for each in page.workers or [])
        for name in ("assigned_memonheap", "assigned_memoffheap")
    )
    return {"assignedMemOnHeap": on_heap, "assignedMemOffHeap": off_heap, "assignedTotalMem": on_heap + off_heap}


def component(page: Any, chosen: str, now: float, logs: LogLinks) -> dict[str, Any]:
    """`/api/v1/topology/{id}/component/{component}`: ComponentPageInfo."""
    kind = "bolt" if page.component_type == BOLT else "spout"
    windows = {ALL_TIME: _nothing(kind)} | (page.window_to_stats or {})  # of a component that did nothing yet: none
    stats = [
        {"window": name, "windowPretty": window(name), **_figures(windows[name])} for name in WINDOWS if name in windows
    ]
    return {
        "id": page.component_id,
        "encodedId": quote(page.component_id, safe=""),
        "name": page.topology_name,
        "componentType": kind,
        "topologyId": page.topology_id,
        "topologyStatus": page.topology_status,
        "executors": page.num_executors,
        "tasks": page.num_tasks,
        **_debugging(page.debug_options),
        "window": chosen,
        "windowHint": window(chosen),
        "boltStats" if kind == "bolt" else "spoutSummary": stats,
        "inputStats": [
            {"component": stream.componentId, "stream": stream.streamId, **_figures(each)}
            for stream, each in sorted((page.gsid_to_input_stats or {}).items(), key=lambda item: str(item[0]))
        ],
        "outputStats": [
            {"stream": stream, **_figures(each)} for stream, each in sorted((page.sid_to_output_stats or {}).items())
        ],
        "executorStats": [_executor(each, page.topology_id, logs) for each in page.exec_stats or []],
        "componentErrors": [_error(each, page.topology_id, now, logs) for each in page.errors or []],
    }


def _debugging(options: Any) -> dict[str, Any]:
    """Whether tuples are logged, and how many percent of them."""
    return {"debug": bool(options and options.enable), "samplingPct": (options and options.samplingpct) or 10}


def _nothing(kind: str) -> Any:
    """The figures of a component before its first tuple."""
    own = SimpleNamespace(executed=0, execute_latency_ms=0, process_latency_ms=0, capacity=0, complete_latency_ms=0)
    specific = SimpleNamespace(bolt=own if kind == "bolt" else None, spout=own if kind == "spout" else None)
    common = SimpleNamespace(emitted=0, transferred=0, acked=0, failed=0)
    return SimpleNamespace(common_stats=common, specific_stats=specific)


def _figures(stats: Any) -> dict[str, Any]:
    """The counts of a ComponentAggregateStats, and what only a bolt or only a spout has."""
    common, bolt, spout = stats.common_stats, stats.specific_stats.bolt, stats.specific_stats.spout
    counts = {name: getattr(common, name) or 0 for name in ("emitted", "transferred", "acked", "failed")}
    if spout:
        return {**counts, "completeLatency": latency(spout.complete_latency_ms)}
    return {
        **counts,
        "executed": bolt.executed or 0,
        "executeLatency": latency(bolt.execute_latency_ms),
        "processLatency": latency(bolt.process_latency_ms),
        "capacity": f"{bolt.capacity or 0:.3f}",
    }


def _topology_stats(stats: Any) -> list[dict[str, Any]]:
    def value(what: str, name: str) -> Any:
        return (getattr(stats, f"window_to_{what}") or {}).get(name, 0)

    return [
        {
            "window": name,
            "windowPretty": window(name),
            "emitted": value("emitted", name),
            "transferred": value("transferred", name),
            "completeLatency": latency(value("complete_latencies_ms", name)),
            "acked": value("acked", name),
            "failed": value("failed", name),
        }
        for name in WINDOWS
        if name == ALL_TIME or name in (stats.window_to_emitted or {})
    ]


def _executor(executor: Any, topology_id: str, logs: LogLinks) -> dict[str, Any]:
    summary = executor.exec_summary
    first, last = summary.executor_info.task_start, summary.executor_info.task_end
    return {
        "id": f"[{first}-{last}]",
        "encodedId": quote(f"[{first}-{last}]", safe=""),
        "host": summary.host,
        "port": summary.port,
        "uptime": uptime(summary.uptime_secs or 0),
        "uptimeSeconds": summary.uptime_secs or 0,
        **_figures(executor.stats),
        "workerLogLink": logs.of(summary.host, summary.port, topology_id),
    }


def _last_error(error: Any, topology_id: str, now: float, logs: LogLinks) -> dict[str, Any]:
    if error is None:
        return {"lastError": "", "errorHost": "", "errorPort": None, "errorLapsedSecs": None, "errorTime": None}
    told = _error(error, topology_id, now, logs)
    return {**told, "lastError": told.pop("error")}


def _error(error: Any, topology_id: str, now: float, logs: LogLinks) -> dict[str, Any]:
    return {
        "error": error.error,
        "errorTime": error.error_time_secs,
        "errorLapsedSecs": int(now) - error.error_time_secs,
        "errorHost": error.host or "",
        "errorPort": error.port,
        "errorWorkerLogLink": logs.of(error.host, error.port, topology_id) if error.host else "",
    }
