"""What the simulation believes of Storm is what the real one does: the same probe runs on both, and tells the same.

A tuple is failed at once, or at its timeout and before a second one; an answer after that means nothing; the other
half of a tree that failed is worked on all the same; a component that dies takes its worker with it, and then the
spout hears nothing about the records it had sent.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest

import tests.support.storm_probe.probe as probe
from riverline.settings import ROOT, Settings
from riverline_stack.release import topology
from riverline_stack.servers import storm_conf
from tests.simulation.clock import Clock
from tests.simulation.storm import Storm, Subscription, Task, Topology
from tests.support.sparse import sparse
from tests.support.stack import awaited, workers_folder

TIMEOUT = 5.0  # seconds a message
SLACK = 2.5  # seconds that a busy machine may be late
STARTED_WITHIN, ENDED_WITHIN = 120.0, 180.0
NAME = "storm_probe"
SOURCES = Path(probe.__file__).parent


class Account:
    """What happened in a run of the probe."""

    def __init__(self, lines: list[dict[str, Any]]) -> None:
        self.events = [(line["at"], f"{line['who']} {line['what']}") for line in lines]

    @property
    def outline(self) -> dict[str, list[str]]:
        """By message, what was done with it and said of it, in the order of its kinds; lives by process."""
        told = [event for _, event in self.events]
        kinds = (*probe.FIRST, "first half", "second half", "crash", "after")
        lives = {who: [f"{told.count(f'{who} start')} lives"] for who in ("spout", "middle", "end")}
        return lives | {kind: sorted(event for event in told if event.endswith(f" {kind}")) for kind in kinds}

    def seconds(self, kind: str) -> float:
        """Between a message and the answer."""
        at = {event: moment for moment, event in self.events}
        return (at.get(f"spout ack {kind}") or at[f"spout fail {kind}"]) - at[f"spout send {kind}"]


def read(path: Path) -> Account:
    return Account([json.loads(line) for line in path.read_text().splitlines()] if path.exists() else [])


def is_over(path: Path) -> bool:
    return any(event == "spout ack after" for _, event in read(path).events)


@pytest.fixture(scope="module")
def modelled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """The probe on the model."""
    path = tmp_path_factory.mktemp("probe") / "events.jsonl"
    conf = {"probe.events": str(path), probe.TIMEOUT: TIMEOUT}

    def start(made: Any, task: Task, context: Mapping[str, Any]) -> None:
        made.initialize(conf, context)

    clock = Clock()
    storm = Storm(clock, Random("probe"), start, lambda made: None)
    subscriptions = {
        ("spout", "default"): [Subscription("middle", "shuffle")],
        ("middle", "default"): [Subscription("end", "shuffle")],
    }
    makers = {"spout": probe.ProbeSpout, "middle": probe.MiddleBolt, "end": probe.EndBolt}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(probe, "time", clock)
        storm.submit(Topology(makers, dict.fromkeys(makers, 1), subscriptions, frozenset(("spout",)), 1, 100, TIMEOUT))
        clock.run(120.0)
        yield read(path)
        clock.close()
    assert is_over(path)


@pytest.fixture(scope="module")
def real(stack: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """The probe as a topology beside the stack's own."""
    project = tmp_path_factory.mktemp("storm") / "project"
    for name in ("src", "topologies"):
        (project / name).mkdir(parents=True)
    shutil.copy(SOURCES / "probe.py", project / "src")
    shutil.copy(SOURCES / "topology.py", project / "topologies" / f"{NAME}.py")
    shutil.copytree(ROOT / "jvm", project / "jvm")
    shutil.copytree(ROOT / "virtualenvs", project / "virtualenvs")
    shutil.copy(ROOT / "project.clj", project)
    (project / "config.json").write_text(topology.configuration(stack))
    with workers_folder(stack, NAME) as folder:
        path = folder / "events.jsonl"
        environment = {"PROBE_EVENTS": str(path), "PROBE_TIMEOUT": f"{TIMEOUT:g}"}
        _run(stack, project, environment, "submit", "-e", topology.ENVIRONMENT, "-n", NAME, "-N", NAME, "-f")
        try:
            awaited(path.exists, STARTED_WITHIN)
            awaited(lambda: is_over(path), ENDED_WITHIN)
            yield read(path)
        finally:
            _run(stack, project, environment, "kill", "-e", topology.ENVIRONMENT, "-n", NAME, "--wait", "0")


def _run(stack: Settings, project: Path, environment: dict[str, str], *arguments: str) -> None:
    done = sparse(stack, *arguments, project=project, environment=environment)
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_model_says_of_every_message_what_storm_says(modelled: Account, real: Account, stack: Settings) -> None:
    assert len(storm_conf.slots(stack)) > 1  # else the probe would not run beside the stack's topology
    assert modelled.outline == real.outline
    assert real.outline["after"] == ["end sees after", "spout ack after", "spout send after"]


@pytest.mark.parametrize("where", ["modelled", "real"])
def test_a_message_is_answered_at_once_or_between_one_timeout_and_two(
    where: str, request: pytest.FixtureRequest
) -> None:
    account: Account = request.getfixturevalue(where)
    slack = SLACK if where == "real" else 0.5
    for kind in ("done", "half", "failed"):
        assert account.seconds(kind) < TIMEOUT
    for kind in ("silent", "late"):
        assert TIMEOUT - 0.1 <= account.seconds(kind) <= 2 * TIMEOUT + slack
    assert len(account.outline["late"]) == 4  # sent, seen, failed, answered: and the spout heard of nothing more
