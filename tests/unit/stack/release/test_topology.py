"""What is written down of the topology that was submitted."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamparse import thrift

from riverline.errors import Transient
from riverline.settings import Settings, Stack
from riverline_stack.release import topology


def test_after_an_interrupted_submission_nothing_is_said_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = Settings(home=tmp_path)
    topology.folder(before).mkdir(parents=True)
    topology.note(before)
    slow = before.model_copy(update={"topology": before.topology.model_copy(update={"parsers": 3})})

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(topology, "runs", lambda _: True)
    monkeypatch.setattr(topology, "put", interrupted)
    with pytest.raises(KeyboardInterrupt):
        topology.submit(slow, Path("any.jar"), print)
    submitted: list[object] = []
    monkeypatch.setattr(topology, "put", lambda *given: submitted.append(given))
    topology.submit(before, Path("any.jar"), print)
    assert submitted


class Nimbus:
    """A Nimbus that has just taken the topology; what it is told to deal out anew is written down."""

    def __init__(self, workers: int = 0, status: str = "ACTIVE") -> None:
        self.summary = thrift.TopologySummary(id="content-1-1", name="content", status=status, num_workers=workers)
        self.dealt: list[tuple[str, int]] = []

    def getClusterInfo(self) -> Any:
        return thrift.ClusterSummary(topologies=[self.summary])

    def rebalance(self, name: str, options: Any) -> None:
        self.dealt.append((name, options.wait_secs))


@pytest.mark.parametrize(
    ("nimbus", "dealt"),
    [
        (Nimbus(), [("content", 0)]),
        (Nimbus(workers=1), []),  # a round of its own came first: a second time would start every worker again
        (Nimbus(status="INACTIVE"), []),
    ],
)
def test_tasks_are_dealt_out_at_once_and_once(
    nimbus: Nimbus, dealt: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextlib.contextmanager
    def client(*_: object) -> Iterator[Nimbus]:
        yield nimbus

    monkeypatch.setattr(topology, "nimbus_client", client)
    topology.assign(Settings())
    assert nimbus.dealt == dealt


def test_a_nimbus_that_does_not_answer_deals_them_out_in_its_next_round(monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object) -> Any:
        raise Transient("Nimbus does not answer")

    monkeypatch.setattr(topology, "nimbus_client", away)
    topology.assign(Settings())


def test_a_jar_is_built_once_for_all_homes_that_share_a_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = Settings(home=tmp_path / "first", stack=Stack(cache=tmp_path / "cache"))
    told: list[str] = []

    def sparse(_: Settings, project: Path, *arguments: str) -> None:
        assert [*project.glob("src/bolts/__pycache__/parse.*.pyc")], "workers find their modules compiled"
        (project / "_build").mkdir()
        (project / "_build" / "topology.jar").write_text(" ".join(arguments))

    monkeypatch.setattr(topology, "KEPT", 2)
    monkeypatch.setattr(topology, "_sparse", sparse)
    jar = topology.build(first, told.append)
    assert topology.build(first.placed(tmp_path / "second"), told.append) == jar
    assert (jar.read_text(), len(told)) == ("jar --simple_jar", 1)
    for version in ("two", "three"):
        monkeypatch.setattr(topology, "code_version", lambda *_, version=version: version)
        topology.build(first, told.append)
    assert sorted(path.name for path in jar.parent.iterdir()) == ["three.jar", "two.jar"], "older ones go"
