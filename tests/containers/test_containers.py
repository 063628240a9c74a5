"""compose.yaml on a Docker engine: all is healthy, a first crawl is found, and nothing but the site is published.

pytest-docker starts and removes it. It is skipped where no engine answers, or none has the base image.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator

import pytest

from riverline.adapters.storm.nimbus import cluster_summary
from riverline.settings import Settings
from riverline_commands.first_crawl import search
from riverline_stack.supervision.compose import FILE
from riverline_stack.supervision.units import all_programs
from tests.support.docker import PROJECT, VARIABLES, compose, composed_settings

BASE = "debian:bookworm-slim"


def lacking() -> str:
    """What this machine lacks for containers, in words; nothing where it has all."""
    if not os.environ.get("CONTAINERS"):
        return "make containers runs it: it takes a quarter of an hour"
    if not shutil.which("docker") or subprocess.run(["docker", "info"], capture_output=True).returncode:
        return "no Docker engine answers"
    if subprocess.run(["docker", "compose", "version"], capture_output=True).returncode:
        return "docker has no compose"
    there = subprocess.run(["docker", "image", "inspect", BASE], capture_output=True).returncode == 0
    return "" if there else f"the engine has no {BASE}"


WHY_NOT = lacking()
pytestmark = [pytest.mark.containers, pytest.mark.skipif(bool(WHY_NOT), reason=WHY_NOT)]


@pytest.fixture(scope="session")
def docker_compose_file() -> str:
    return str(FILE)


@pytest.fixture(scope="session")
def docker_compose_project_name() -> str:
    return PROJECT


@pytest.fixture(scope="session")
def docker_setup(docker_compose_file: str) -> Iterator[list[str]]:
    """pytest-docker's own commands read the variables from the environment."""
    compose(docker_compose_file, "build")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in VARIABLES.items():
            patch.setenv(name, value)
        yield ["up --detach --wait --wait-timeout 900"]


@pytest.fixture(scope="session")
def composed(docker_services: object, docker_compose_file: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings with which this machine reaches the containers."""
    return composed_settings(docker_compose_file, tmp_path_factory.mktemp("containers") / "home")


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
