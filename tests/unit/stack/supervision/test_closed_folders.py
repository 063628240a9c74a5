from __future__ import annotations

from pathlib import Path

from riverline_stack.supervision.closed_folders import capability_options, closed


def test_a_folder_below_one_of_mode_700_is_closed(tmp_path: Path) -> None:
    inner = tmp_path / "mine" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "mine").chmod(0o700)
    assert closed(inner)


def test_reading_is_asked_for_rather_than_writing() -> None:
    assert "--ambient-caps=+dac_read_search" in capability_options(0b100000110)


def test_a_container_that_holds_only_dac_override_uses_that() -> None:
    assert capability_options(0b010) == ["--inh-caps=+dac_override", "--ambient-caps=+dac_override"]


def test_without_any_capability_nothing_is_asked_for() -> None:
    assert capability_options(0) == []
