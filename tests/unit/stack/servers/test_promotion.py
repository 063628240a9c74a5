"""What stands after a promotion that failed half-way. The servers are played; `tests/integration/test_promotion.py` has
real ones."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from riverline.errors import Transient
from riverline.settings import Settings
from riverline_stack.servers import promotion, replication, roles

HEALTHY = {
    "Slave_IO_Running": "Yes",
    "Slave_SQL_Running": "Yes",
    "Seconds_Behind_Master": 0,
    "Gtid_IO_Pos": "0-1-9",
    "Last_SQL_Error": "",
    "Last_IO_Error": "",
}


class Played:
    """Two servers. `refused`: beginnings of statements that a server, by its name, refuses."""

    def __init__(self) -> None:
        self.fenced = {roles.PRIMARY: False, roles.REPLICA: True}
        self.refused: dict[str, str] = {}
        self.away: set[str] = set()

    @contextlib.contextmanager
    def administering(self, settings: Settings, address: str, seconds: float = 60.0) -> Iterator[Any]:
        name = next(name for name, of in roles.servers(settings).items() if of == address)
        if name in self.away:
            raise Transient(f"MySQL on {address}: away")
        yield Cursor(self, name)


class Cursor:
    def __init__(self, played: Played, name: str) -> None:
        self._played, self._name, self._found = played, name, dict[str, Any]()

    def execute(self, statement: str, _: Any = None) -> None:
        played, name = self._played, self._name
        if name in played.away or statement.startswith(played.refused.get(name, "nothing")):
            raise Transient(f"{name} refuses {statement}")
        if "read_only = " in statement:
            played.fenced[name] = statement.endswith("1")
        self._found = {"position": "0-1-9", "missed": 0, **(HEALTHY if statement == "SHOW SLAVE STATUS" else {})}

    def fetchone(self) -> dict[str, Any]:
        return self._found


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(home=tmp_path)


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> Played:
    made = Played()
    for module in (promotion, replication):
        monkeypatch.setattr(module, "administering", made.administering)
    monkeypatch.setattr(promotion, "configure", lambda *_: None)
    monkeypatch.setattr(promotion, "UNDOING", 0.2)
    return made


class Switch:
    """Of a supervisor that is never needed."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(name)


def promote(settings: Settings) -> promotion.Promoted:
    return promotion.promote(settings, Switch(), lambda _: None)


def test_a_promotion_without_failures_changes_the_roles(settings: Settings, played: Played) -> None:
    assert promote(settings).rejoined == ""
    assert roles.leader(settings) == roles.REPLICA
    assert played.fenced == {roles.PRIMARY: True, roles.REPLICA: False}


@pytest.mark.parametrize("step", ["KILL USER", "SELECT @@gtid_binlog_pos"])
def test_a_fence_that_fails_half_way_is_taken_down(settings: Settings, played: Played, step: str) -> None:
    played.refused[roles.PRIMARY] = step
    with pytest.raises(Transient, match="mysql-primary takes writes again"):
        promote(settings)
    assert played.fenced == {roles.PRIMARY: False, roles.REPLICA: True}


def test_a_fence_is_taken_down_when_somebody_interrupts(settings: Settings, played: Played, monkeypatch: Any) -> None:
    def interrupted(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(promotion, "_wait_for", interrupted)
    said: list[str] = []
    with pytest.raises(KeyboardInterrupt):
        promotion.promote(settings, Switch(), said.append)
    assert said[-1] == "mysql-primary takes writes again"
    assert not played.fenced[roles.PRIMARY]


def test_a_primary_that_does_not_answer_any_more_is_named_with_what_is_left_to_do(
    settings: Settings, played: Played, monkeypatch: Any
) -> None:
    def gone(*_: Any) -> None:
        played.away.add(roles.PRIMARY)
        raise Transient("the replica did not catch up")

    monkeypatch.setattr(promotion, "_wait_for", gone)
    with pytest.raises(Transient, match=r"mysql-primary may not take writes until .*: SET GLOBAL read_only = 0"):
        promote(settings)


@pytest.mark.parametrize("step", ["STOP SLAVE", "RESET SLAVE ALL", "SET GLOBAL rpl_semi", "SET GLOBAL read_only = 0"])
def test_a_replica_that_cannot_be_crowned_stays_one(settings: Settings, played: Played, step: str) -> None:
    played.refused[roles.REPLICA] = step
    with pytest.raises(Transient, match="mysql-primary takes writes again"):
        promote(settings)
    assert roles.leader(settings) == roles.PRIMARY
    assert played.fenced == {roles.PRIMARY: False, roles.REPLICA: True}


def test_while_nobody_knows_if_the_new_primary_takes_writes_the_old_one_takes_none(
    settings: Settings, played: Played, monkeypatch: Any
) -> None:
    def gone(_: Settings) -> None:
        played.away.add(roles.REPLICA)
        raise Transient("it does not answer")

    monkeypatch.setattr(promotion, "_crown", gone)
    with pytest.raises(Transient, match=r"mysql-replica is noted as the primary.*mysql-primary takes none"):
        promote(settings)
    assert played.fenced[roles.PRIMARY]
    assert roles.leader(settings) == roles.REPLICA
