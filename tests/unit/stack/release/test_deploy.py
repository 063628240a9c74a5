"""What runs after a deployment: the new release, or the former one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

import pytest

from riverline.errors import Fatal, Transient
from riverline.model import Fate, Origin, Page
from riverline.pipeline.contracts import Failure
from riverline.pipeline.dead_letters import AGAIN, DeadLetterQueue
from riverline.settings import Settings
from riverline.testing.memory import MemoryIndex, MemoryLog
from riverline.testing.memory_dead_letters import MemoryDeadLetters
from riverline_stack.release import deploy, releases, topology
from riverline_stack.release.deploy import DeployPlan
from riverline_stack.release.health_verdict import STEADY_SECONDS, Sight, Task
from riverline_stack.release.releases import Release
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


class Letters:
    """Dead letters on in-memory stores, a record of each."""

    def __init__(self) -> None:
        self.now, self.log, self.index = 1_760_000_000_000, MemoryLog(clock=lambda: self.now), MemoryIndex()
        self.queue = DeadLetterQueue(self.log, self.index, MemoryDeadLetters(), "dead-letter", lambda: self.now)

    def bury(self, count: int, replay_of: str = "", first: int = 0) -> None:
        for n in range(first, first + count):
            page = Page(f"http://a/{n}", f"http://a/{n}", b"", replay_of=replay_of.format(n))
            self.log.bury(page, Failure(Origin("crawl.a", 0, n), "parse", "no", 1, self.now))


def deployed(within: float = 0.2, back_within: float = 60.0) -> deploy.DeployOutcome:
    services = SimpleNamespace(settings=Settings(), dead_letters=Letters().queue)
    plan = DeployPlan(within=within, back_within=back_within)
    return deploy.deploy(services, Path("new.jar"), plan, Told())  # type: ignore[arg-type]


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


def test_the_former_release_may_take_longer_to_come_back_than_the_new_one_had(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[str] = []

    def look(*_: object) -> Sight:
        looks.append(cluster.runs)
        return WELL if looks.count("content-1") > 30 else ILL

    monkeypatch.setattr(deploy, "look", look)
    assert (deployed(within=0.1).release, looks[-1]) == ("content-1", "content-1")


def test_it_is_said_when_neither_comes_up(cluster: Cluster) -> None:
    cluster.health.clear()
    with pytest.raises(Fatal, match="the old release did not come up either"):
        deployed(back_within=0.2)


def services_of(letters: Letters) -> SimpleNamespace:
    return SimpleNamespace(dead_letters=letters.queue)


def test_dead_letters_of_before_count_for_nobody_though_they_fail_again() -> None:
    letters = Letters()
    letters.bury(30)
    before = deploy._newest_letter(services_of(letters))  # type: ignore[arg-type]
    assert list(letters.queue.send_again(list(letters.queue.letters(AGAIN))))
    letters.bury(30, replay_of="crawl.a-0-{0}", first=0)
    letters.bury(30, first=0)  # copies of what was buried before
    assert deploy._new_letters(services_of(letters), before) == 0  # type: ignore[arg-type]
    letters.bury(3, first=100)
    assert deploy._new_letters(services_of(letters), before) == 3  # type: ignore[arg-type]


def test_a_record_that_a_newer_one_has_overtaken_counts_for_nobody() -> None:
    letters = Letters()
    before = deploy._newest_letter(services_of(letters))  # type: ignore[arg-type]
    letters.bury(1)
    fates = [
        Fate("crawl.a-0-0", "dead", "http://a/0", at=letters.now),
        Fate("crawl.a-0-1", "indexed", "http://a/0", at=letters.now + 1),
    ]
    letters.index.write([], fates)
    letters.index.refresh()
    assert deploy._new_letters(services_of(letters), before) == 0  # type: ignore[arg-type]


def test_a_catalogue_that_is_away_says_nothing_of_the_topology(monkeypatch: pytest.MonkeyPatch) -> None:
    letters = Letters()

    def away() -> None:
        raise Transient("MySQL is away")

    monkeypatch.setattr(letters.queue, "catch_up", away)
    before = deploy._newest_letter(services_of(letters))  # type: ignore[arg-type]
    monkeypatch.undo()
    letters.bury(30)
    assert deploy._new_letters(services_of(letters), before) == 0  # type: ignore[arg-type]
