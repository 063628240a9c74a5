"""`sparse` tells how this cluster is, from the stand-in for Storm's UI and from Nimbus."""

from __future__ import annotations

import re

import httpx
import pytest

from riverline.settings import Settings
from tests.support.sparse import cells, sparse
from tests.support.stack import until

COMPONENTS = ("pages", "deduplicate", "parse", "tag", "index")


def said(stack: Settings, *arguments: str) -> list[str]:
    """The cells of the tables that it printed."""
    run = sparse(stack, *arguments, "-e", "local")
    assert run.returncode == 0, run.stdout + run.stderr
    return cells(run.stdout)


def test_sparse_list_names_the_topology(stack: Settings) -> None:
    assert {stack.storm.topology, "ACTIVE"} <= set(said(stack, "list"))


def test_sparse_stats_tells_of_the_cluster(stack: Settings) -> None:
    shown = said(stack, "stats")
    assert {"nimbusUptime", "2.8.3", stack.storm.topology, "127.0.0.1"} <= set(shown) and "MISSING" not in shown


def test_sparse_stats_tells_of_every_component_of_the_topology(stack: Settings) -> None:
    shown = said(stack, "stats", "-n", stack.storm.topology)
    assert [component for component in COMPONENTS if component not in shown] == [] and "MISSING" not in shown


@pytest.mark.parametrize("component", ["pages", "parse"])
def test_sparse_stats_tells_of_one_component(stack: Settings, component: str) -> None:
    shown = said(stack, "stats", "-n", stack.storm.topology, "-c", component)
    assert {component, "Alltime"} <= {cell.replace(" ", "") for cell in shown} and "MISSING" not in shown


def test_sparse_worker_uptime_tells_of_every_executor(stack: Settings) -> None:
    shown = said(stack, "worker_uptime")
    ids = [cell for cell in shown if re.fullmatch(r"\[\d+-\d+\]", cell)]
    assert len(ids) == len(set(ids)) == executors(stack)
    assert "127.0.0.1" in shown and any(cell.endswith("%2Fworker.log") for cell in shown)


def test_sparse_slot_usage_counts_slots_and_executors(stack: Settings) -> None:
    assert f"{stack.topology.workers} ({executors(stack)})" in said(stack, "slot_usage")


def executors(stack: Settings) -> int:
    """Of the five components; the monitor may have made a stage larger than the settings say."""
    found = httpx.get(f"http://{stack.storm.ui}/api/v1/topology/summary", timeout=30, trust_env=False).json()
    name = next(each["id"] for each in found["topologies"] if each["name"] == stack.storm.topology)
    page = httpx.get(f"http://{stack.storm.ui}/api/v1/topology/{name}", timeout=30, trust_env=False).json()
    return sum(each["executors"] for each in (*page["spouts"], *page["bolts"]))


def page(stack: Settings, path: str, **query: str) -> str:
    shown = httpx.get(
        f"http://{stack.storm.ui}{path}", params=query, timeout=30, trust_env=False, follow_redirects=True
    )
    assert shown.status_code == 200, shown.text
    return shown.text


def identity(stack: Settings) -> str:
    found = httpx.get(f"http://{stack.storm.ui}/api/v1/topology/summary", timeout=30, trust_env=False).json()
    return str(next(each["id"] for each in found["topologies"] if each["name"] == stack.storm.topology))


def test_the_pages_show_every_component(stack: Settings) -> None:
    for shown in (page(stack, f"/topology/{stack.storm.topology}"), page(stack, "/visualize.html", id=identity(stack))):
        assert [name for name in COMPONENTS if name not in shown] == []
    assert "fields" in page(stack, "/visualize.html", id=identity(stack))
    assert "Input stats" in page(stack, "/component.html", id="parse", topology_id=identity(stack))


def test_the_pages_of_a_supervisor_an_owner_and_the_configuration_are_there(stack: Settings) -> None:
    summary = httpx.get(f"http://{stack.storm.ui}/api/v1/topology/summary", timeout=30, trust_env=False).json()
    assert stack.storm.topology in page(stack, "/supervisor.html", host="127.0.0.1")
    assert stack.storm.topology in page(stack, "/owner.html", id=summary["topologies"][0]["owner"])
    assert "topology.message.timeout.secs" in page(
        stack, "/configuration.html", id=identity(stack), q="message.timeout"
    )


def test_a_worker_s_log_is_linked_to_and_searched(stack: Settings) -> None:
    told = httpx.get(f"http://{stack.storm.ui}/api/v1/topology/{identity(stack)}", timeout=30, trust_env=False).json()
    link = told["workers"][0]["workerLogLink"]
    assert httpx.get(link, timeout=30, trust_env=False).status_code == 303
    shown = httpx.get(link, headers=token(stack), timeout=30, trust_env=False)
    assert shown.status_code == 200 and "Bytes" in shown.text
    query = {"file": link.partition("file=")[2].replace("%2F", "/"), "search-string": "INFO"}
    found = httpx.get(
        f"http://{stack.storm.ui}/api/v1/search", params=query, headers=token(stack), timeout=30, trust_env=False
    ).json()
    assert found["numMatches"] > 0


def test_a_log_level_and_the_reading_are_changed_by_who_has_the_token(stack: Settings) -> None:
    path = f"http://{stack.storm.ui}/api/v1/topology/{identity(stack)}"
    with httpx.Client(headers=token(stack), timeout=30, trust_env=False) as client:
        body = {"namedLoggerLevels": {"riverline.tried": {"target_level": "DEBUG", "timeout": 30}}}
        assert "riverline.tried" in client.post(f"{path}/logconfig", json=body).json()["namedLoggerLevels"]
        try:
            assert client.post(f"{path}/deactivate").json()["status"] == "success"
            assert client.get(path).json()["status"] == "INACTIVE"
        finally:
            assert client.post(f"{path}/activate").json()["status"] == "success"
        assert client.get(path).json()["status"] == "ACTIVE"


def test_the_tasks_own_figures_and_the_lag_come_from_the_site(stack: Settings) -> None:
    assert until(lambda: "own figures</h2>" in page(stack, "/topology.html", id=identity(stack)), 60)
    assert "Lag by topic" in page(stack, "/component.html", id="pages", topology_id=identity(stack))


def token(stack: Settings) -> dict[str, str]:
    return {"Authorization": f"Bearer {stack.storm_ui_token}"}


def test_an_unknown_topology_is_refused_in_storms_form(stack: Settings) -> None:
    answer = httpx.get(f"http://{stack.storm.ui}/api/v1/topology/none-1-1", timeout=30, trust_env=False)
    assert answer.status_code == 404 and "none-1-1" in answer.json()["errorMessage"]
