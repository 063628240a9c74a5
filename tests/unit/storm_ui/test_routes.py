"""What the stand-in for Storm's UI answers, asked of a Nimbus of our own."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest
from flask.testing import FlaskClient
from streamparse import thrift

from riverline.errors import Transient
from riverline_storm_ui.app import create_app
from riverline_storm_ui.formatting import ALL_TIME, latency, uptime

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

    def getClusterInfo(self) -> Any:
        supervisor = thrift.SupervisorSummary(
            host="127.0.0.1", uptime_secs=90, num_workers=4, num_used_workers=1, supervisor_id="s", version="2.8.3",
            total_resources={"memory.mb": 4096.0, "cpu.pcore.percent": 400.0},
        )  # fmt: skip
        topology = thrift.TopologySummary(
            id=ID, name="content", num_tasks=3, num_executors=3, num_workers=1, uptime_secs=60, status="ACTIVE"
        )
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


def client(nimbus: Nimbus | None = None) -> FlaskClient:
    return create_app(lambda: nullcontext(nimbus or Nimbus()), lambda: NOW).test_client()


def ask(path: str, nimbus: Nimbus | None = None, **query: str) -> dict[str, Any]:
    answer = client(nimbus).get(f"/api/v1/{path}", query_string=query)
    assert (answer.status_code, answer.content_type) == (200, "application/json")
    return dict(answer.json or {})


def refusal(path: str, **query: str) -> str:
    """Why a path is not found, in Storm's form."""
    answer = client().get(f"/api/v1/{path}", query_string=query)
    assert answer.status_code == 404 and answer.json and answer.json["error"] == "404 Not Found"
    return str(answer.json["errorMessage"])


def test_the_cluster_counts_slots_executors_and_tasks() -> None:
    found = ask("cluster/summary")
    wanted = {"stormVersion": "2.8.3", "nimbusUptime": "1h 2m 5s", "slotsTotal": 4, "slotsUsed": 1, "slotsFree": 3}
    assert found | wanted == found
    assert (found["executorsTotal"], found["tasksTotal"], found["totalMem"]) == (3, 3, 4096.0)


def test_a_topology_has_its_components_with_their_figures() -> None:
    found = ask(f"topology/{ID}")
    assert [(spout["spoutId"], spout["completeLatency"]) for spout in found["spouts"]] == [("pages", "12.346")]
    assert (
        found["bolts"][0] | {"boltId": "parse", "executed": 9, "processLatency": "2.250", "lastError": ""}
        == (found["bolts"][0])
    )
    assert [stat["windowPretty"] for stat in found["topologyStats"]] == ["10m 0s", "All time"]


def test_a_component_has_its_executors_and_streams() -> None:
    found = ask(f"topology/{ID}/component/parse")
    (executor,) = found["executorStats"]
    assert (executor["id"], executor["host"], executor["port"], executor["uptime"]) == ("[4-5]", "h", 6700, "30s")
    assert executor["workerLogLink"] == f"file://h/logs/{ID}/6700/worker.log"
    assert [(stream["component"], stream["acked"]) for stream in found["inputStats"]] == [("pages", 3)]
    assert found["componentType"] == "bolt" and found["boltStats"][0]["window"] == ALL_TIME


def test_a_component_that_did_nothing_yet_has_figures_of_all_time() -> None:
    nimbus = Nimbus()
    silent = nimbus.getComponentPageInfo(ID, "pages", ALL_TIME, False)
    silent.window_to_stats, silent.component_type = {}, 2
    nimbus.getComponentPageInfo = lambda *_: silent
    (stat,) = ask(f"topology/{ID}/component/pages", nimbus)["spoutSummary"]
    assert (stat["window"], stat["acked"], stat["completeLatency"]) == (ALL_TIME, 0, "0.000")


def test_the_last_error_tells_when_and_where_it_was() -> None:
    error = thrift.ErrorInfo(error="Boom\n at x", error_time_secs=1_800_000_000, host="h", port=6700)
    bolt = ask(f"topology/{ID}", Nimbus(error))["bolts"][0]
    assert (bolt["lastError"], bolt["errorLapsedSecs"], bolt["errorHost"]) == ("Boom\n at x", 100, "h")
    assert ask(f"topology/{ID}/component/parse", Nimbus(error))["componentErrors"][0]["error"] == "Boom\n at x"


def test_the_window_and_the_system_components_are_passed_on() -> None:
    nimbus = Nimbus()
    ask(f"topology/{ID}", nimbus, window="600", sys="1")
    assert nimbus.asked == [(ID, "600", True)]


@pytest.mark.parametrize("path", ["nothing", "topology/other-1", f"topology/{ID}/component/other"])
def test_what_is_not_there_is_unknown(path: str) -> None:
    assert refusal(path)


def test_a_window_that_storm_does_not_count_by_is_unknown() -> None:
    assert "there is no window 5" in refusal(f"topology/{ID}", window="5")


@pytest.mark.parametrize("path", ["/", "/api/v1/cluster/summary"])
def test_a_nimbus_that_does_not_answer_is_told_in_storm_s_form(path: str) -> None:
    @contextmanager
    def away() -> Iterator[Any]:
        raise Transient("Nimbus does not answer")
        yield

    answer = create_app(away).test_client().get(path)
    assert (answer.status_code, answer.json) == (
        503,
        {"error": "503 Service Unavailable", "errorMessage": "Nimbus does not answer"},
    )


def test_every_answer_forbids_scripts_and_copies() -> None:
    for path in ("/", "/nothing", "/api/v1/cluster/configuration"):
        headers = client().get(path).headers
        assert headers["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'"
        assert headers["Cache-Control"] == "no-store"


def test_nimbus_s_configuration_is_passed_on() -> None:
    assert ask("cluster/configuration") == {"nimbus.thrift.port": 6627}


def test_a_slash_at_the_end_changes_nothing_of_a_topology() -> None:
    assert ask(f"topology/{ID}/") == ask(f"topology/{ID}")


def test_a_component_can_be_linked_to() -> None:
    shown = client(Nimbus()).get("/").text
    assert '<tr id="parse">' in shown and '<tr id="pages">' in shown


def test_an_error_is_text_in_the_page_and_never_markup() -> None:
    error = thrift.ErrorInfo(error="<script>", error_time_secs=1, host="h", port=6700)
    shown = client(Nimbus(error)).get("/").text
    assert "&lt;script&gt;" in shown and "<script>" not in shown


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0s"), (61, "1m 1s"), (86_400, "1d 0h 0m 0s"), (3600, "1h 0m 0s")])
def test_a_length_of_time_is_written_as_storm_does(seconds: int, shown: str) -> None:
    assert uptime(seconds) == shown


def test_a_latency_that_is_not_known_is_nothing() -> None:
    assert latency(None) == "0.000"
