"""`sparse` tells how this cluster is, from the stand-in for Storm's UI and from Nimbus."""

from __future__ import annotations

import re

import httpx
import pytest

from riverline.settings import Settings
from tests.support.sparse import cells, sparse

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
    assert "127.0.0.1" in shown and any(cell.endswith("/worker.log") for cell in shown)


def test_sparse_slot_usage_counts_slots_and_executors(stack: Settings) -> None:
    assert f"{stack.topology.workers} ({executors(stack)})" in said(stack, "slot_usage")


def executors(stack: Settings) -> int:
    """Of the five components; the monitor may have made a stage larger than the settings say."""
    found = httpx.get(f"http://{stack.storm.ui}/api/v1/topology/summary", timeout=30, trust_env=False).json()
    name = next(each["id"] for each in found["topologies"] if each["name"] == stack.storm.topology)
    page = httpx.get(f"http://{stack.storm.ui}/api/v1/topology/{name}", timeout=30, trust_env=False).json()
    return sum(each["executors"] for each in (*page["spouts"], *page["bolts"]))


def test_the_page_shows_every_component(stack: Settings) -> None:
    shown = httpx.get(f"http://{stack.storm.ui}/", timeout=30, trust_env=False)
    assert shown.status_code == 200 and [name for name in COMPONENTS if name not in shown.text] == []


def test_an_unknown_topology_is_refused_in_storms_form(stack: Settings) -> None:
    answer = httpx.get(f"http://{stack.storm.ui}/api/v1/topology/none-1-1", timeout=30, trust_env=False)
    assert answer.status_code == 404 and "none-1-1" in answer.json()["errorMessage"]
