"""The daily backup is made by who may read everything: the worker itself, or the watch that it asks."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from riverline.adapters import backup_wish
from riverline.errors import Transient
from riverline.settings import Settings
from riverline_tasks import backups


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "celery").mkdir()
    monkeypatch.setattr(backups, "settings", Settings().placed(tmp_path))
    return tmp_path


def runs(monkeypatch: pytest.MonkeyPatch, code: int) -> list[list[str]]:
    seen: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        seen.append(command)
        return subprocess.CompletedProcess(command, code, "made", "no disk")

    monkeypatch.setattr(subprocess, "run", run)
    return seen


def test_a_worker_that_may_makes_it_itself(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = runs(monkeypatch, 0)
    backups.back_up()
    assert seen == [[sys.executable, "-m", "riverline_commands.main", "backup", "create", "--scheduled"]]
    assert not backup_wish.taken(home)


def test_what_went_wrong_is_told(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    runs(monkeypatch, 1)
    with pytest.raises(Transient, match="no disk"):
        backups.back_up()


def test_a_worker_without_rights_asks_for_it(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen = runs(monkeypatch, 0)
    monkeypatch.setattr(backup_wish.os, "geteuid", lambda: home.stat().st_uid + 61_000)
    backups.back_up()
    assert (seen, backup_wish.taken(home), backup_wish.taken(home)) == ([], True, False)
