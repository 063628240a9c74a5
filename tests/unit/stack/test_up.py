"""The way up: what may be done side by side is."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from riverline.errors import Fatal
from riverline.settings import Settings
from riverline_stack import up as way_up
from riverline_stack.servers import servers
from riverline_stack.supervision.dependency_order import dependencies, in_order
from riverline_stack.supervision.program import Program, Step
from tests.support.stack import Told

AT_ONCE = 30.0  # seconds


@pytest.fixture
def done(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done on the way up, in order; nothing of it is real but the order."""
    done: list[str] = []

    @contextlib.contextmanager
    def alone(_: Settings) -> Iterator[None]:
        yield

    def start(_: Settings, programs: Sequence[Program], __: Any, steps: Sequence[Step]) -> None:
        acts = {step.name: step.act for step in steps}

        def act(name: str) -> None:
            acts.get(name, lambda: None)()
            done.append(name)

        in_order(dependencies([*programs, *steps]), act)

    for owner, name in (
        (way_up.servers, "install"),
        (way_up, "end_former_version"),
        (way_up, "begin"),
        (way_up.shell, "write"),
        (way_up.schema, "migrate"),
        (way_up.schema, "make_indices"),
        (way_up.schema, "ensure_topics"),
        (way_up.topology, "submit"),
    ):
        monkeypatch.setattr(owner, name, lambda *_: None)
    for name in ("examine", "ports"):
        monkeypatch.setattr(way_up.doctor, name, lambda *_: [])
    monkeypatch.setattr(way_up, "hindrances", lambda _: [])
    monkeypatch.setattr(way_up, "alone", alone)
    monkeypatch.setattr(way_up, "start", start)
    monkeypatch.setattr(way_up.topology, "build", lambda *_: Path("any.jar"))
    return done


def up(home: Path, crawl: Callable[[], object]) -> None:
    way_up.up(Settings().placed(home), Told(), prepared=crawl)


def test_the_first_crawl_runs_as_soon_as_pages_may_be_written(
    done: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    crawled, needed = Event(), set[str]()

    def crawl() -> None:
        needed.update(done)
        crawled.set()

    def slow(*_: object) -> None:
        assert crawled.wait(AT_ONCE)

    monkeypatch.setattr(way_up.topology, "submit", slow)
    monkeypatch.setattr(way_up.schema, "make_indices", slow)
    up(tmp_path, crawl)
    assert {"tables", "topics", "kafka-1", "kafka-2", "kafka-3", "mysql-primary", "redis-6", "demo"} <= needed
    assert done.index("api") > done.index("indices") and done.index("the topology") > done.index("indices")
    programs = {program.name for program in servers.programs(Settings().placed(tmp_path))}
    assert {*done} == {*programs, "tables", "topics", "indices", "the topology", "the first crawl"}


def test_who_writes_pages_waits_for_a_topology_that_replaces_another_which_may_not_read_them(
    done: list[str], tmp_path: Path
) -> None:
    (tmp_path / "zookeeper" / "data" / "version-2").mkdir(parents=True)
    up(tmp_path, lambda: None)
    replaced = done.index("the topology")
    assert replaced < min(done.index("the first crawl"), done.index("crawler-1"), done.index("api"))
    done.clear()
    (tmp_path / "topology").mkdir()
    way_up.topology.note(Settings().placed(tmp_path))  # what Storm starts again is what the sources say

    def submitted_last(*_: object) -> None:
        assert crawled.wait(AT_ONCE)

    crawled = Event()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(way_up.topology, "submit", submitted_last)
        up(tmp_path, crawled.set)


def test_a_crawl_that_fails_is_told_once_everything_runs(done: list[str], tmp_path: Path) -> None:
    def crawl() -> None:
        raise Fatal("the crawl failed")

    with pytest.raises(Fatal, match="the crawl failed"):
        up(tmp_path, crawl)
    assert {"nginx", "monitor", "celery", "the topology"} < {*done}
