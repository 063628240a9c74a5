from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from stack.unprivileged import capability_options, closed, unprivileged

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")


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


@as_root
def test_the_command_runs_as_nobody_and_writes_its_own_folder_below_a_closed_one(tmp_path: Path) -> None:
    own = tmp_path / "closed" / "own"
    own.mkdir(parents=True)
    (tmp_path / "closed").chmod(0o700)
    (own / "old").write_text("")
    script = f"id -un; cat {own}/old; echo x > {own}/new"
    answer = subprocess.run(unprivileged(["sh", "-c", script], [own]), capture_output=True, text=True)
    assert (answer.stdout, answer.stderr) == ("nobody\n", "")
    assert (own / "new").owner() == "nobody"


@as_root
def test_the_command_cannot_write_what_is_not_its_own(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir(mode=0o755)
    command = unprivileged(["touch", str(tmp_path / "other" / "file")], [tmp_path / "own"])
    assert subprocess.run(command, capture_output=True).returncode != 0
