from __future__ import annotations

import os
import pwd
import subprocess
import tempfile
from pathlib import Path

import pytest

from riverline_stack.supervision.unprivileged import READ_ALL, WRITE_ALL, capability_options, closed, unprivileged

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


def status(command: list[str]) -> dict[str, str]:
    """What the kernel says of the process that a command becomes."""
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return {name: value.strip() for name, _, value in (line.partition(":") for line in said.splitlines())}


@as_root
@pytest.mark.parametrize("passes", [False, True])
def test_the_kernel_says_that_the_command_has_no_rights_and_cannot_get_any(passes: bool) -> None:
    """`passes`: its folder is below one that only root may enter, which it then passes through, and no more."""
    with tempfile.TemporaryDirectory() as scratch:
        Path(scratch).chmod(0o700 if passes else 0o755)
        found = status(unprivileged(["cat", "/proc/self/status"], [Path(scratch) / "own"]))
    assert set(found["Uid"].split()) == {str(pwd.getpwnam("nobody").pw_uid)}
    assert (found["Groups"], found["NoNewPrivs"]) == ("", "1")
    rights = int(found["CapEff"], 16) | int(found["CapPrm"], 16) | int(found["CapAmb"], 16)
    assert rights & ~(1 << READ_ALL | 1 << WRITE_ALL if passes else 0) == 0
