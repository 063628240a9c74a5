"""What runs after a deployment: the new release, or the former one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from riverline.errors import Fatal
from riverline.settings import Settings
from stack import deploy, releases, topology
from stack.deploy import Plan
from stack.releases import Release
from stack.rollout import STEADY_SECONDS, Sight, Task
from tests.support.stack import Told

WELL = Sight("ACTIVE", (Task("pages", STEADY_SECONDS),), 1, (), lag=0, committed=10, dead=0)
ILL = Sight("ACTIVE", (), 1, (), lag=5, committed=10, dead=0)


@dataclass
class Cluster:
    """A Nimbus that runs a release, and how each release does."""

    runs: str = "content-1"
    health: dict[str, Sight] = field(default_factory=lambda: {"content-1": WELL})
    submitted: list[str] = field(default_factory=list)

    def put(self, name: str) -> Callable[..., None]:
        def submit(*_: object) -> None:
            self.runs = name
            self.submitted.append(name)

        return submit


@pytest.fixture
def cluster(monkeypatch: pytest.MonkeyPatch) -> Cluster:
    cluster = Cluster()
    monkeypatch.setattr(deploy, "look", lambda *_: cluster.health.get(cluster.runs, ILL))
    monkeypatch.setattr(deploy, "POLL", 0.01)
    monkeypatch.setattr(releases, "keep", lambda _: Release(Path("content-1")))
    monkeypatch.setattr(releases, "running", lambda _: cluster.runs)
    monkeypatch.setattr(releases, "submit", lambda _, release, wait: cluster.put(release.name)())
    monkeypatch.setattr(topology, "put", cluster.put("content-2"))
    monkeypatch.setattr(topology, "note", lambda _: None)
    return cluster


def deployed(within: float = 0.2) -> deploy.Outcome:
    services = SimpleNamespace(settings=Settings())
    return deploy.deploy(services, Path("new.jar"), Plan(within=within), Told())  # type: ignore[arg-type]


def test_a_healthy_release_stays(cluster: Cluster) -> None:
    cluster.health["content-2"] = WELL
    outcome = deployed()
    assert (outcome.deployed, outcome.release, outcome.former) == (True, "content-2", "content-1")
    assert cluster.submitted == ["content-2"]


def test_the_former_release_comes_back_when_the_new_one_is_not_healthy_in_time(cluster: Cluster) -> None:
    outcome = deployed()
    assert (outcome.deployed, outcome.release) == (False, "content-1") and "0 of 1 tasks run" in outcome.why
    assert cluster.submitted == ["content-2", "content-1"]


def test_a_release_that_could_not_be_submitted_leaves_the_former_one_alone(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise Fatal("the workers' host is away")

    monkeypatch.setattr(topology, "put", refuse)
    outcome = deployed()
    assert (outcome.deployed, outcome.release, outcome.why) == (False, "content-1", "the workers' host is away")
    assert cluster.submitted == []


def test_it_is_said_when_neither_comes_up(cluster: Cluster) -> None:
    cluster.health.clear()
    with pytest.raises(Fatal, match="the former release did not come up either"):
        deployed()
