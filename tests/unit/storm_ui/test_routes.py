"""What the stand-in for Storm's UI answers, asked of a Nimbus of our own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from streamparse import thrift

from riverline.errors import Transient
from riverline_storm_ui.app import create_app
from riverline_storm_ui.formatting import ALL_TIME, latency, uptime
from tests.support.storm_nimbus import ID, NOW, Nimbus


def client(nimbus: Nimbus | None = None) -> FlaskClient:
    return create_app(lambda: nullcontext(nimbus or Nimbus()), lambda: NOW, artifacts=Path("/nowhere")).test_client()


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
    assert executor["workerLogLink"] == f"http://h:8081/logviewer?file={ID}%2F6700%2Fworker.log"
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


def test_a_topology_s_memory_is_that_of_its_workers_where_nimbus_leaves_it_out() -> None:
    nimbus = Nimbus()
    page = nimbus.getTopologyPageInfo(ID, ALL_TIME, False)
    page.workers = [
        thrift.WorkerSummary(host="h", port=6700 + n, topology_id=ID, assigned_memonheap=64.0) for n in range(2)
    ]
    nimbus.getTopologyPageInfo = lambda *_: page
    assert ask(f"topology/{ID}", nimbus)["assignedTotalMem"] == 128.0


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

    answer = create_app(away, artifacts=Path("/nowhere")).test_client().get(path)
    assert (answer.status_code, answer.json) == (
        503,
        {"error": "503 Service Unavailable", "errorMessage": "Nimbus does not answer"},
    )


def test_every_answer_forbids_scripts_and_copies() -> None:
    for path in ("/", "/nothing", "/api/v1/cluster/configuration"):
        headers = client().get(path).headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; style-src 'unsafe-inline';") and "script" not in policy
        assert headers["Cache-Control"] == "no-store"


def test_nimbus_s_configuration_is_passed_on() -> None:
    assert ask("cluster/configuration") == {"nimbus.thrift.port": 6627}


def test_a_slash_at_the_end_changes_nothing_of_a_topology() -> None:
    assert ask(f"topology/{ID}/") == ask(f"topology/{ID}")


@pytest.mark.parametrize(("seconds", "shown"), [(0, "0s"), (61, "1m 1s"), (86_400, "1d 0h 0m 0s"), (3600, "1h 0m 0s")])
def test_a_length_of_time_is_written_as_storm_does(seconds: int, shown: str) -> None:
    assert uptime(seconds) == shown


def test_a_latency_that_is_not_known_is_nothing() -> None:
    assert latency(None) == "0.000"
