"""`riverline topology`: what Nimbus is told, and what is refused before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from typer.testing import CliRunner

from riverline.errors import Invalid
from riverline_commands import topology
from riverline_commands.main import application
from tests.support.storm_nimbus import Nimbus


@pytest.fixture
def nimbus(monkeypatch: pytest.MonkeyPatch) -> Nimbus:
    told = Nimbus()

    @contextmanager
    def client(address: str, timeout: float) -> Iterator[Any]:
        yield told

    monkeypatch.setattr(topology, "nimbus_client", client)
    return told


def run(*words: str) -> str:
    done = CliRunner().invoke(application(), ["topology", *words], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


@pytest.mark.parametrize("command", ["activate", "deactivate"])
def test_the_topology_of_the_settings_is_meant_unless_another_is_named(nimbus: Nimbus, command: str) -> None:
    run(command)
    run(command, "--name", "second")
    assert nimbus.done == [(command, "content"), (command, "second")]


def test_a_rebalance_names_workers_and_executors(nimbus: Nimbus) -> None:
    run("rebalance", "--workers", "2", "--executors", "parse=3", "--executors", "tag=1", "--wait", "4")
    options = nimbus.done[0][2]
    assert (options.wait_secs, options.num_workers, options.num_executors) == (4, 2, {"parse": 3, "tag": 1})


@pytest.mark.parametrize("executors", ["parse", "parse=", "=3", "parse=x", "parse=0"])
def test_executors_that_mean_nothing_are_refused(nimbus: Nimbus, executors: str) -> None:
    with pytest.raises(Invalid):
        run("rebalance", "--executors", executors)
    assert nimbus.done == []


def test_a_log_level_is_set_shown_and_taken_back(nimbus: Nimbus) -> None:
    assert "DEBUG" in run("log-level", "ROOT", "debug", "--seconds", "30")
    run("log-level", "ROOT", "reset")
    levels = [config.named_logger_level["ROOT"] for _, _, config in nimbus.done]
    assert [(level.action, level.target_log_level) for level in levels] == [(2, "DEBUG"), (3, None)]
    assert "60" in run("log-level") and len(nimbus.done) == 2
