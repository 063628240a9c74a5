"""Storm's pages and the rest of its API, asked of a Nimbus of our own."""

from __future__ import annotations

from contextlib import nullcontext
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from streamparse import thrift

from riverline_storm_ui import graph
from riverline_storm_ui.app import create_app
from riverline_storm_ui.formatting import local_path
from tests.support.storm_nimbus import ID, NOW, Nimbus


def client(nimbus: Nimbus | None = None) -> FlaskClient:
    return create_app(lambda: nullcontext(nimbus or Nimbus()), lambda: NOW, artifacts=Path("/nowhere")).test_client()


def shown(path: str, nimbus: Nimbus | None = None) -> str:
    answer = client(nimbus).get(path)
    assert (answer.status_code, answer.mimetype) == (200, "text/html"), answer.text
    return answer.text


def told(path: str) -> dict:
    return dict(client().get(f"/api/v1/{path}").json or {})


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/", ["Cluster Summary", "Nimbus Summary", "Owner Summary", "Topology Summary", "Supervisor Summary", ID]),
        (
            f"/topology.html?id={ID}",
            ["Topology stats", "Spouts (All time)", "Bolts (All time)", 'id="parse"', "10m 0s"],
        ),
        (f"/topology.html?id={ID}&window=600&sys=true", ["Hide System Stats", "<strong>10m 0s</strong>"]),
        (f"/component.html?id=parse&topology_id={ID}", ["Bolt stats", "Input stats", "Executors", "[4-5]", "fate"]),
        ("/supervisor.html?id=s", ["Supervisor summary", "Worker resources", "pages 1, parse 2"]),
        ("/supervisor.html?host=127.0.0.1", ["Worker resources"]),
        ("/owner.html?id=riverline", ["Owner Topologies", "content", "128"]),
        (f"/visualize.html?id={ID}", ["<svg", "parse (2)", "default (fields)", "fate (fields)"]),
        ("/configuration.html", ["1 of 1 entries", "nimbus.thrift.port"]),
        ("/configuration.html?q=nothing", ["0 of 1 entries"]),
        (f"/configuration.html?id={ID}&q=MESSAGE", ["1 of 2 entries", "topology.message.timeout.secs"]),
        ("/login?next=/logviewer", ["secrets/storm-ui", 'value="/logviewer"']),
    ],
)
def test_a_page_shows_what_storm_s_does(path: str, words: list[str]) -> None:
    text = shown(path)
    assert [word for word in words if word not in text] == []
    assert "<script" not in text and "&amp;amp;" not in text


@pytest.mark.parametrize(
    "path", ["/topology.html", "/topology.html?id=x", f"/component.html?id=x&topology_id={ID}", "/supervisor.html?id=x",
             "/supervisor.html", "/owner.html?id=x", "/visualize.html?id=x"],
)  # fmt: skip
def test_a_page_of_what_is_not_there_is_unknown(path: str) -> None:
    assert client().get(path).status_code == 404


def test_a_browser_is_shown_a_page_that_says_what_is_missing() -> None:
    answer = client().get("/topology.html?id=<x>", headers={"Accept": "text/html,*/*;q=0.8"})
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "there is no topology with the id &lt;x&gt;" in answer.text and "Storm UI" in answer.text


def test_a_topology_is_found_by_its_name_too() -> None:
    answer = client().get("/topology/content")
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/topology.html?id={ID}")
    assert client().get("/topology/other").status_code == 404


def test_an_error_is_shown_in_full_as_text_and_never_as_markup() -> None:
    error = thrift.ErrorInfo(error="<script>\n at x", error_time_secs=1, host="h", port=6700)
    text = shown(f"/component.html?id=parse&topology_id={ID}", Nimbus(error))
    assert "&lt;script&gt;\n at x" in text and "<script>" not in text


def test_a_supervisor_is_told_of_with_its_workers() -> None:
    found = told("supervisor?id=s")
    assert [one["host"] for one in found["supervisors"]] == ["127.0.0.1"]
    assert [(one["port"], one["topologyName"]) for one in found["workers"]] == [(6700, "content")]


def test_an_owner_s_topologies_are_added_up() -> None:
    (owner,) = told("owner-resources")["owners"]
    assert owner == told("owner-resources/riverline")
    assert (owner["totalTopologies"], owner["totalTasks"], owner["totalMemoryUsage"]) == (1, 3, 128.0)


def test_the_graph_has_the_form_of_storm_s_visualization() -> None:
    found = told(f"topology/{ID}/visualization")
    assert sorted(found) == ["index", "pages", "parse"]
    assert (found["pages"][":type"], found["parse"][":capacity"]) == ("spout", 0.125)
    assert [(one[":component"], one[":stream"]) for one in found["index"][":inputs"]] == [
        ("pages", "fate"),
        ("parse", "default"),
    ]
    rows = told(f"topology/{ID}/visualization-init")["visualizationTable"]
    assert [one[":stream"] for one in rows[0][":row"]] == ["default", "fate"]


def test_a_component_is_drawn_right_of_all_whose_streams_it_takes() -> None:
    drawn = graph.drawing(told(f"topology/{ID}/visualization"))
    places = {box.name: box.x for box in drawn.boxes}
    assert places["pages"] < places["parse"] < places["index"] and len(drawn.arrows) == 3


def test_a_cycle_of_components_is_drawn_too() -> None:
    def taking(name: str) -> dict:
        stream = {":component": name, ":stream": "default", ":grouping": "shuffle"}
        return {":type": "bolt", ":inputs": [stream]}

    drawn = graph.drawing({"a": taking("b"), "b": taking("a"), "c": taking("c")})
    assert len(drawn.boxes) == 3 and drawn.width > 0


def test_the_workers_and_the_history_are_told() -> None:
    assert told(f"topology-workers/{ID}") == {
        "hostPortList": [{"host": "127.0.0.1", "port": 6700}],
        "logviewerPort": 8081,
    }
    assert told("history/summary") == {"topo-history": [ID]}


@pytest.mark.parametrize(
    ("path", "led"), [("/a?b", "/a?b"), ("//evil", "/"), ("/\\evil", "/"), ("https://evil", "/"), ("/\n/evil", "/")]
)
def test_nobody_is_led_to_another_server(path: str, led: str) -> None:
    assert local_path(path) == led
