"""A Nimbus of one topology, a spout and two bolts: it answers as Storm's does, and notes what it is told to do."""

from __future__ import annotations

import json
from typing import Any

from streamparse import thrift

from riverline_storm_ui.formatting import ALL_TIME

NOW = 1_800_000_100.0
ID = "content-1-1800000000"


def stats(kind: str, **counts: int) -> Any:
    common = thrift.CommonAggregateStats(num_executors=2, num_tasks=2, **counts)
    bolt = thrift.BoltAggregateStats(execute_latency_ms=1.5, process_latency_ms=2.25, executed=9, capacity=0.125)
    spout = thrift.SpoutAggregateStats(complete_latency_ms=12.3456)
    specific = thrift.SpecificAggregateStats(**{kind: bolt if kind == "bolt" else spout})
    return thrift.ComponentAggregateStats(type=1 if kind == "bolt" else 2, common_stats=common, specific_stats=specific)


class Nimbus:
    """Answers as Nimbus does for one topology of a spout and a bolt."""

    def __init__(self, error: Any = None) -> None:
        self.error = error
        self.asked: list[tuple[Any, ...]] = []
        self.done: list[tuple[Any, ...]] = []

    def getClusterInfo(self) -> Any:
        supervisor = thrift.SupervisorSummary(
            host="127.0.0.1", uptime_secs=90, num_workers=4, num_used_workers=1, supervisor_id="s", version="2.8.3",
            total_resources={"memory.mb": 4096.0, "cpu.pcore.percent": 400.0},
        )  # fmt: skip
        topology = thrift.TopologySummary(
            id=ID, name="content", num_tasks=3, num_executors=3, num_workers=1, uptime_secs=60, status="ACTIVE",
            owner="riverline", assigned_memonheap=128.0,
        )  # fmt: skip
        nimbus = thrift.NimbusSummary(host="127.0.0.1", port=6627, uptime_secs=3725, isLeader=True, version="2.8.3")
        return thrift.ClusterSummary(supervisors=[supervisor], topologies=[topology], nimbuses=[nimbus])

    def getNimbusConf(self) -> str:
        return '{"nimbus.thrift.port": 6627}'

    def getTopologyPageInfo(self, topology: str, window: str, system: bool) -> Any:
        self.asked.append((topology, window, system))
        bolt = stats("bolt", emitted=1, transferred=2, acked=3, failed=0)
        bolt.last_error = self.error
        return thrift.TopologyPageInfo(
            id=ID, name="content", uptime_secs=60, status="ACTIVE", num_tasks=3, num_workers=1, num_executors=3,
            topology_conf=json.dumps({"topology.message.timeout.secs": 60, "storm.workers.artifacts.dir": "/logs"}),
            id_to_spout_agg_stats={"pages": stats("spout", emitted=7, transferred=7, acked=6, failed=1)},
            id_to_bolt_agg_stats={"parse": bolt},
            topology_stats=thrift.TopologyStats(
                window_to_emitted={"600": 8, ALL_TIME: 8}, window_to_transferred={"600": 9, ALL_TIME: 9},
                window_to_acked={"600": 6, ALL_TIME: 6}, window_to_complete_latencies_ms={ALL_TIME: 12.3456},
            ),
            workers=[self.worker()],
        )  # fmt: skip

    def getComponentPageInfo(self, topology: str, component: str, window: str, system: bool) -> Any:
        summary = thrift.ExecutorSummary(
            executor_info=thrift.ExecutorInfo(task_start=4, task_end=5), component_id=component, host="h", port=6700,
            uptime_secs=30,
        )  # fmt: skip
        return thrift.ComponentPageInfo(
            component_id=component, component_type=1, topology_id=topology, topology_name="content", num_executors=2,
            num_tasks=2, window_to_stats={ALL_TIME: stats("bolt", acked=3)},
            gsid_to_input_stats={
                thrift.GlobalStreamId(componentId="pages", streamId="default"): stats("bolt", acked=3)
            },
            sid_to_output_stats={"fate": stats("bolt", emitted=1)},
            exec_stats=[thrift.ExecutorAggregateStats(exec_summary=summary, stats=stats("bolt", acked=3))],
            errors=[self.error] if self.error else [],
        )  # fmt: skip

    def getSupervisorPageInfo(self, supervisor: str | None, host: str | None, system: bool) -> Any:
        return thrift.SupervisorPageInfo(
            supervisor_summaries=self.getClusterInfo().supervisors, worker_summaries=[self.worker()]
        )

    def worker(self) -> Any:
        return thrift.WorkerSummary(
            supervisor_id="s", host="127.0.0.1", port=6700, topology_id=ID, topology_name="content", num_executors=3,
            component_to_num_tasks={"pages": 1, "parse": 2},
        )  # fmt: skip

    def getUserTopology(self, topology: str) -> Any:
        def inputs(*streams: tuple[str, str]) -> Any:
            told = {
                thrift.GlobalStreamId(componentId=component, streamId=stream): thrift.Grouping(fields=["url_id"])
                for component, stream in streams
            }
            return thrift.ComponentCommon(inputs=told, streams={})

        return thrift.StormTopology(
            spouts={"pages": thrift.SpoutSpec(common=inputs())},
            bolts={
                "parse": thrift.Bolt(common=inputs(("pages", "default"))),
                "index": thrift.Bolt(common=inputs(("parse", "default"), ("pages", "fate"), ("__acker", "__ack"))),
            },
        )

    def getTopologyHistory(self, user: str) -> Any:
        return thrift.TopologyHistoryInfo(topo_ids=[ID])

    def getLogConfig(self, topology: str) -> Any:
        assert topology == ID, "as in Storm, by the id"
        level = thrift.LogLevel(action=2, target_log_level="DEBUG", reset_log_level_timeout_secs=60)
        return thrift.LogConfig(named_logger_level={"ROOT": level})

    def setLogConfig(self, topology: str, config: Any) -> None:
        assert topology == ID, "as in Storm, by the id"
        self.done.append(("setLogConfig", topology, config))

    def __getattr__(self, name: str) -> Any:
        """Whatever changes a topology is only noted."""
        if name in ("activate", "deactivate", "killTopologyWithOpts", "rebalance", "debug", "setWorkerProfiler"):
            return lambda *arguments: self.done.append((name, *arguments))
        raise AttributeError(name)
