"""compose.yaml on a Docker engine: all is healthy, a first crawl is found, and nothing but the site is published.

pytest-docker starts and removes it. It is skipped where no engine answers and none can be started.
"""

from __future__ import annotations

import json

import pytest

from riverline.adapters.storm.nimbus import cluster_summary
from riverline.settings import Settings
from riverline_commands.first_crawl import search
from riverline_stack.supervision.compose import FILE
from riverline_stack.supervision.units import all_programs
from tests.support.composed import lacking
from tests.support.docker import compose

WHY_NOT = lacking()
pytestmark = [pytest.mark.containers, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)]


def states() -> dict[str, tuple[str, str, int]]:
    """State, health and exit code of each service's container."""
    told = compose(str(FILE), "ps", "--all", "--format", "json").splitlines()
    return {one["Service"]: (one["State"], one["Health"], one["ExitCode"]) for one in map(json.loads, told)}


def test_every_program_is_healthy_and_what_is_done_once_is_done(composed: Settings) -> None:
    found = states()
    assert {name: state for name, state in found.items() if state[2]} == {}
    assert {one.name for one in all_programs()} == {name for name, state in found.items() if state[1] == "healthy"}
    assert [one.name for one in cluster_summary(composed.storm.nimbus).topologies] == [composed.storm.topology]


def test_a_first_crawl_is_found(composed: Settings) -> None:
    compose(str(FILE), "--profile", "crawl", "run", "--rm", "crawl")
    assert search(composed, "떡볶이").total > 0 and search(composed, "moon").total > 0


def test_programs_find_their_libraries_compiled(composed: Settings) -> None:
    """Their account may not write them: each start would compile them again."""
    asked = "import importlib.util, os, typer; print(os.path.exists(importlib.util.cache_from_source(typer.__file__)))"
    assert compose(str(FILE), "exec", "redis-1", ".venv/bin/python", "-c", asked).strip() == "True"


def test_nothing_but_the_site_is_published(composed: Settings) -> None:
    told = map(json.loads, compose(str(FILE), "ps", "--format", "json").splitlines())
    published = {(one["Service"], port["PublishedPort"]) for one in told for port in one["Publishers"] or ()}
    assert {(name, port) for name, port in published if port} == {("nginx", 18080)}


def test_up_again_changes_nothing(composed: Settings) -> None:
    def running() -> str:
        return compose(str(FILE), "ps", "--quiet")

    before = running()
    compose(str(FILE), "up", "--detach", "--wait")
    assert running() == before


def test_a_container_that_is_killed_comes_back(composed: Settings) -> None:
    compose(str(FILE), "kill", "redis-2")
    compose(str(FILE), "up", "--detach", "--wait")
    assert states()["redis-2"][:2] == ("running", "healthy")
    assert search(composed, "moon").total > 0
