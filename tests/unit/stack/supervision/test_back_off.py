"""A program that keeps ending soon after its start is started again later each time."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from riverline_stack.supervision.back_off import LONGEST, SOON, ProgramStart, back_off, following


def starts(seconds: list[float], versions: str = "") -> list[float]:
    """The pauses before starts of a program that each time ran so many seconds."""
    now, last, pauses = 1000.0, None, []
    for number, ran in enumerate(seconds):
        last = following(last, now, versions[number] if versions else "v")
        pauses.append(last.pause)
        now = last.at + ran
    return pauses


def test_what_ends_soon_each_time_starts_later_each_time() -> None:
    assert starts([1.0] * 9) == [0, 0, 1, 2, 4, 8, LONGEST, LONGEST, LONGEST]


def test_one_quick_end_is_no_pattern() -> None:
    assert starts([3600.0, 1.0, 3600.0, 1.0, 3600.0]) == [0] * 5


def test_after_a_long_run_it_starts_at_once_again() -> None:
    assert starts([1.0, 1.0, 1.0, SOON, 1.0]) == [0, 0, 1, 2, 0]


def test_another_version_starts_at_once() -> None:
    assert starts([1.0] * 6, "aaaabb") == [0, 0, 1, 2, 0, 0]


def test_a_clock_that_was_set_back_delays_nothing() -> None:
    assert following(ProgramStart(5000.0, 9, "v"), 1000.0, "v").pause == 0


def test_a_week_of_quick_ends_overflows_nothing() -> None:
    assert following(ProgramStart(999.0, 40_000, "v"), 1000.0, "v").pause == LONGEST


def test_starts_are_noted_and_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(time, "sleep", slept.append)
    monkeypatch.setattr(time, "time", lambda: 1000.0 + sum(slept))
    for _ in range(4):
        back_off(tmp_path, "storm-nimbus", "v")
    assert slept == [1, 2]
    assert "storm-nimbus ended soon after each of its last 3 starts: the next one is in 2 s" in capfd.readouterr().err


def test_a_broken_note_is_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "api.start").write_text('{"at": ')
    monkeypatch.setattr(time, "sleep", lambda _: pytest.fail("it waits"))
    back_off(tmp_path, "api", "v")
    assert '"quick": 0' in (tmp_path / "run" / "api.start").read_text()


def test_where_nothing_can_be_noted_it_starts_at_once(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("a file")
    back_off(tmp_path, "api", "v")
