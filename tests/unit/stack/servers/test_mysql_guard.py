"""When a MySQL server of several hosts takes writes, and when no longer: never two at once."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace

import pytest

from riverline.errors import Invalid, Transient
from riverline.settings import Settings
from riverline_stack.servers import mysql, mysql_guard, promotion, replication
from riverline_stack.servers.mysql_guard import (
    CLASH,
    COMMITS_WAIT,
    FENCE,
    FOLLOW,
    LEASE,
    OPEN,
    STAY,
    WriteView,
    decided,
)

STARTED = WriteView(leads=True, held=True, writes=False, other_writes=False, alone=0)
WRITING = replace(STARTED, held=False, writes=True)
LONG = LEASE + 0.1


@pytest.mark.parametrize(
    ("seen", "wanted"),
    [
        (STARTED, OPEN),
        (replace(STARTED, other_writes=None), OPEN),  # the replica's host is off
        (replace(STARTED, alone=1.0), STAY),  # it may be cut off, and the other one promoted
        (replace(STARTED, other_writes=True), FOLLOW),  # the other one was promoted while this one was off
        (replace(STARTED, held=False), STAY),  # a promotion took the writes from it
        (replace(STARTED, leads=False), STAY),
        (WRITING, STAY),
        (replace(WRITING, alone=LEASE), STAY),
        (replace(WRITING, alone=LONG), FENCE),
        (replace(WRITING, alone=LONG, other_writes=None), FENCE),
        (replace(WRITING, leads=False, other_writes=True), FENCE),
        (replace(WRITING, other_writes=True), CLASH),
        (replace(STARTED, leads=False, other_writes=True), STAY),
    ],
)
def test_what_a_guard_does(seen: WriteView, wanted: str) -> None:
    assert decided(seen) == wanted


def test_a_commit_waits_for_the_replica_until_a_server_that_is_cut_off_is_fenced() -> None:
    assert COMMITS_WAIT > LEASE + 3 * mysql_guard.LOOK
    several = Settings.model_validate({"home": "/home/of/it", "stack": {"host": "10.1.0.1"}})
    told = mysql.configuration(several, "mysql-primary", "10.1.0.1:3306").splitlines()
    assert f"rpl-semi-sync-master-timeout = {COMMITS_WAIT * 1000:.0f}" in told and "read-only = 1" in told
    alone = mysql.configuration(Settings.model_validate({"home": "/home/of/it"}), "mysql-primary", "127.0.0.1:3306")
    assert "rpl-semi-sync-master-timeout = 2000" in alone and "read-only" not in alone


def test_a_host_that_refuses_is_there_and_one_that_is_silent_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        if address[0] == "10.1.0.3":
            raise TimeoutError
        raise ConnectionRefusedError

    monkeypatch.setattr(socket, "create_connection", connect)
    hosts = {f"10.1.0.{number}": f"10.1.0.{number}:9092" for number in (1, 2, 3)}
    assert mysql_guard.reaches_most(hosts)
    monkeypatch.setattr(mysql_guard, "answers", lambda address: address == "10.1.0.1:9092")
    assert not mysql_guard.reaches_most(hosts)
    assert mysql_guard.reaches_most({"10.1.0.1": "10.1.0.1:9092", "10.1.0.2": "10.1.0.2:9092"}), "two prove nothing"


def test_who_is_cut_off_may_not_promote(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mysql_guard, "reaches_most", lambda _: False)
    with pytest.raises(Invalid, match="cut off"):
        promotion.LeaseOver(Settings()).kill("mysql-primary")


@pytest.mark.parametrize("module", ["riverline_stack.supervision.run_one", mysql_guard.__name__])
def test_what_a_unit_starts_can_be_imported_first(module: str) -> None:
    subprocess.run([sys.executable, "-c", f"import {module}"], check=True)


def test_a_server_whose_host_lost_its_address_is_fenced_by_its_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    """As systemd-networkd takes the address away when a cable is pulled."""
    told: list[str] = []

    class Cursor:
        def execute(self, statement: str) -> None:
            told.append(statement)

        def fetchone(self) -> dict[str, int]:
            return {"fenced": 0}

    def administering(_: Settings, address: str, *__: float, **___: float) -> AbstractContextManager[Cursor]:
        if not address.startswith("/"):
            raise Transient("no route to it")
        return nullcontext(Cursor())

    monkeypatch.setattr(replication, "administering", administering)
    monkeypatch.setattr(mysql_guard, "reaches_most", lambda _: False)
    guard = mysql_guard.WriteGuard(Settings(), "mysql-primary", since=time.monotonic() - LONG, held=False)
    assert (guard.look(), guard.held) == (FENCE, True)
    assert "SET GLOBAL read_only = 1" in told
