"""ZooKeeper, Nimbus and Storm's supervisor alone: they answer programs of the account that runs them."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterator

import pytest

from riverline.adapters.storm.nimbus import cluster_summary
from riverline.settings import Settings
from riverline_stack.servers import storm_cluster
from riverline_stack.servers.storm_conf import supervisor_address
from riverline_stack.supervision import accounts
from tests.support.few_servers import few_servers
from tests.support.other_account import answer

OFFSET = 21_000  # ports of its own


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    home = tmp_path_factory.mktemp("storm") / "home"
    with few_servers(home, OFFSET, storm_cluster.programs, storm_cluster.install) as own:
        yield own


def call(method: str) -> bytes:
    """A call of Thrift without arguments, framed."""
    name = method.encode()
    message = struct.pack(">Ii", 0x80010001, len(name)) + name + struct.pack(">i", 1) + b"\0"
    return struct.pack(">i", len(message)) + message


def questions(settings: Settings) -> dict[str, tuple[str, bytes]]:
    """To each server one that it answers."""
    return {
        "zookeeper": (settings.storm.zookeeper, b"ruok"),
        "nimbus": (settings.storm.nimbus, call("getClusterInfo")),
        "nimbus, to upload": (settings.storm.nimbus, call("beginFileUpload")),
        "supervisor": (supervisor_address(settings), call("getLocalAssignmentForStorm")),
    }


@pytest.mark.parametrize("which", ["zookeeper", "nimbus", "nimbus, to upload", "supervisor"])
def test_another_account_gets_nothing(settings: Settings, which: str) -> None:
    address, asked = questions(settings)[which]
    assert answer(address, asked, other=False) != b""
    assert answer(address, asked) == b""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's stack has accounts")
def test_the_monitor_and_the_api_ask_nimbus_and_nobody_else(settings: Settings) -> None:
    for name in (accounts.MONITOR, accounts.API):
        accounts.lowered(name, [], [])
        got = {which for which, (address, asked) in questions(settings).items() if as_guest(name, address, asked)}
        assert got == {"nimbus", "nimbus, to upload"}


def as_guest(name: str, address: str, asked: bytes) -> bytes:
    return answer(address, asked, account=accounts.uid_of(name))


def test_the_stacks_own_programs_are_answered(settings: Settings) -> None:
    assert cluster_summary(settings.storm.nimbus).supervisors
