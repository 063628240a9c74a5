"""What Storm UI answers about the cluster, from Thrift's ClusterSummary. Pure.

The names of fields are those of Storm's document "Storm UI REST API" (2.8).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from riverline_storm_ui.formatting import uptime
from riverline_storm_ui.logs import LogLinks

MEMORY, CPU = "memory.mb", "cpu.pcore.percent"  # names of Storm's resources


def cluster_summary(cluster: Any) -> dict[str, Any]:
    """`/api/v1/cluster/summary`. Memory in MB, CPU in percent of one core."""
    supervisors, topologies = cluster.supervisors or [], cluster.topologies or []
    slots, used = (_sum(supervisors, name) for name in ("num_workers", "num_used_workers"))
    leaders = [nimbus for nimbus in cluster.nimbuses or [] if nimbus.isLeader]
    seconds = leaders[0].uptime_secs if leaders else 0
    return {
        "stormVersion": leaders[0].version if leaders else "",
        "nimbusUptime": uptime(seconds),
        "nimbusUptimeSeconds": seconds,
        "topologies": len(topologies),
        "supervisors": len(supervisors),
        "slotsTotal": slots,
        "slotsUsed": used,
        "slotsFree": slots - used,
        "executorsTotal": _sum(topologies, "num_executors"),
        "tasksTotal": _sum(topologies, "num_tasks"),
        "totalMem": sum(_resource(each, MEMORY) for each in supervisors),
        "totalCpu": sum(_resource(each, CPU) for each in supervisors),
    }


def topology_summaries(cluster: Any) -> dict[str, Any]:
    """`/api/v1/topology/summary`."""
    return {"topologies": [topology_summary(each) for each in cluster.topologies or []]}


def topology_summary(topology: Any) -> dict[str, Any]:
    """What stands about a topology in the list and at the head of its own page: TopologySummary and TopologyPageInfo
    share these fields."""
    on_heap, off_heap = topology.assigned_memonheap or 0, topology.assigned_memoffheap or 0
    return {
        "id": topology.id,
        "encodedId": topology.id,
        "name": topology.name,
        "owner": topology.owner,
        "status": topology.status,
        "uptime": uptime(topology.uptime_secs),
        "uptimeSeconds": topology.uptime_secs,
        "workersTotal": topology.num_workers,
        "executorsTotal": topology.num_executors,
        "tasksTotal": topology.num_tasks,
        "replicationCount": topology.replication_count,
        "schedulerInfo": topology.sched_status,
        "requestedMemOnHeap": topology.requested_memonheap,
        "requestedMemOffHeap": topology.requested_memoffheap,
        "requestedCpu": topology.requested_cpu,
        "assignedMemOnHeap": topology.assigned_memonheap,
        "assignedMemOffHeap": topology.assigned_memoffheap,
        "assignedTotalMem": on_heap + off_heap,
        "assignedCpu": topology.assigned_cpu,
    }


def supervisor_summaries(cluster: Any) -> dict[str, Any]:
    """`/api/v1/supervisor/summary`."""
    return {"supervisors": [_supervisor(each) for each in cluster.supervisors or []]}


def nimbus_summaries(cluster: Any) -> dict[str, Any]:
    """`/api/v1/nimbus/summary`."""
    return {"nimbuses": [_nimbus(each) for each in cluster.nimbuses or []]}


def owner_summaries(cluster: Any) -> list[dict[str, Any]]:
    """`/api/v1/owner-resources`: what the topologies of each account take together. Memory in MB, CPU in percent of one
    core."""
    topologies = [topology_summary(each) for each in cluster.topologies or []]
    return [owner_summary(cluster, name) for name in sorted({each["owner"] or "" for each in topologies})]


def owner_summary(cluster: Any, owner: str) -> dict[str, Any]:
    """`/api/v1/owner-resources/{owner}`, with its topologies."""
    own = [topology_summary(each) for each in cluster.topologies or [] if (each.owner or "") == owner]

    def total(name: str) -> Any:
        return sum(each[name] or 0 for each in own)

    return {
        "owner": owner,
        "totalTopologies": len(own),
        "totalWorkers": total("workersTotal"),
        "totalExecutors": total("executorsTotal"),
        "totalTasks": total("tasksTotal"),
        "totalMemoryUsage": total("assignedTotalMem"),
        "totalCpuUsage": total("assignedCpu"),
        "topologies": own,
    }


def supervisor_page(page: Any, logs: LogLinks) -> dict[str, Any]:
    """`/api/v1/supervisor`: SupervisorPageInfo."""
    return {
        "supervisors": [_supervisor(each) for each in page.supervisor_summaries or []],
        "workers": [worker(each, logs) for each in page.worker_summaries or []],
        "schedulerDisplayResource": False,
    }


def worker(worker: Any, logs: LogLinks) -> dict[str, Any]:
    """A worker, as the pages of its topology and of its supervisor tell of it: WorkerSummary."""
    return {
        "supervisorId": worker.supervisor_id,
        "host": worker.host,
        "port": worker.port,
        "topologyId": worker.topology_id,
        "topologyName": worker.topology_name,
        "executorsTotal": worker.num_executors,
        "uptime": uptime(worker.uptime_secs or 0),
        "uptimeSeconds": worker.uptime_secs or 0,
        "assignedMemOnHeap": worker.assigned_memonheap,
        "assignedCpu": worker.assigned_cpu,
        "componentNumTasks": dict(worker.component_to_num_tasks or {}),
        "workerLogLink": logs.of(worker.host, worker.port, worker.topology_id),
    }


def _supervisor(supervisor: Any) -> dict[str, Any]:
    return {
        "id": supervisor.supervisor_id,
        "host": supervisor.host,
        "version": supervisor.version,
        "uptime": uptime(supervisor.uptime_secs),
        "uptimeSeconds": supervisor.uptime_secs,
        "slotsTotal": supervisor.num_workers,
        "slotsUsed": supervisor.num_used_workers,
        "slotsFree": supervisor.num_workers - supervisor.num_used_workers,
        "totalMem": _resource(supervisor, MEMORY),
        "totalCpu": _resource(supervisor, CPU),
        "usedMem": supervisor.used_mem or 0.0,
        "usedCpu": supervisor.used_cpu or 0.0,
    }


def _nimbus(nimbus: Any) -> dict[str, Any]:
    return {
        "host": nimbus.host,
        "port": nimbus.port,
        "status": "Leader" if nimbus.isLeader else "Not a Leader",
        "version": nimbus.version,
        "nimbusUpTime": uptime(nimbus.uptime_secs),
        "nimbusUpTimeSeconds": nimbus.uptime_secs,
    }


def _sum(items: Iterable[Any], name: str) -> int:
    return sum(getattr(item, name) or 0 for item in items)


def _resource(supervisor: Any, name: str) -> float:
    return float((supervisor.total_resources or {}).get(name, 0.0))
