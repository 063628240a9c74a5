"""The way up: what may be done side by side is."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest

from riverline.errors import Fatal
from riverline.settings import Settings
from riverline_stack import up as way_up
from tests.support.stack import Told

AT_ONCE = 30.0  # seconds


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was done on the way up, in order; nothing of it is real."""
    done: list[str] = []

    @contextlib.contextmanager
    def alone(_: Settings) -> Iterator[None]:
        yield

    for owner, name in (
        (way_up.servers, "install"),
        (way_up, "end_former_version"),
        (way_up, "begin"),
        (way_up.shell, "write"),
    ):
        monkeypatch.setattr(owner, name, lambda *_: None)
    for name in ("examine", "ports"):
        monkeypatch.setattr(way_up.doctor, name, lambda *_: [])
    monkeypatch.setattr(way_up, "alone", alone)
    monkeypatch.setattr(way_up.servers, "addresses", lambda _: [])
    monkeypatch.setattr(way_up.servers, "programs", lambda _: [])
    for name in ("servers", "webs", "applications"):
        monkeypatch.setattr(way_up.servers, name, lambda _, name=name: [name])
    monkeypatch.setattr(way_up, "start", lambda _, programs, __: done.extend(programs))
    monkeypatch.setattr(way_up.schema, "prepare", lambda *_: done.append("prepared"))
    monkeypatch.setattr(way_up.topology, "build", lambda *_: Path("any.jar"))
    monkeypatch.setattr(way_up.topology, "submit", lambda *_: None)
    monkeypatch.setattr(way_up.topology, "runs", lambda _: False)
    return done


def test_the_first_crawl_runs_while_the_applications_and_the_topology_start(
    done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    crawled = Event()

    def crawl() -> None:
        assert done[:3] == ["servers", "webs", "prepared"]
        crawled.set()

    def start(_: Any, programs: list[str], __: Any) -> None:
        assert "applications" not in programs or crawled.wait(AT_ONCE)
        done.extend(programs)

    def submit(*_: Any) -> None:
        assert crawled.wait(AT_ONCE)

    monkeypatch.setattr(way_up, "start", start)
    monkeypatch.setattr(way_up.topology, "submit", submit)
    way_up.up(Settings(), Told(), prepared=crawl)
    assert done == ["servers", "webs", "prepared", "applications"]


def test_it_waits_for_a_topology_that_replaces_another_which_may_not_read_what_it_writes(
    done: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(way_up.topology, "runs", lambda _: True)
    monkeypatch.setattr(way_up.topology, "submit", lambda *_: done.append("submitted"))
    way_up.up(Settings(), Told(), prepared=lambda: done.append("crawled"))
    assert done.index("crawled") > done.index("submitted")


def test_a_crawl_that_fails_is_told_once_everything_runs(done: list[str]) -> None:
    def crawl() -> None:
        raise Fatal("the crawl failed")

    with pytest.raises(Fatal, match="the crawl failed"):
        way_up.up(Settings(), Told(), prepared=crawl)
    assert done[-1] == "applications"
