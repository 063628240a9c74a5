"""Programs that root starts run as accounts that can do nothing but what they need."""

from __future__ import annotations

import grp
import os
import pwd
import subprocess
from pathlib import Path

import pytest

from riverline.errors import Fatal
from riverline_stack.supervision import accounts
from riverline_stack.supervision.accounts import (
    API,
    DATABASE_GROUP,
    GROUP,
    GROUPS,
    KAFKA,
    MYSQL,
    STORM,
    TOPOLOGY_GROUP,
    examine,
    give,
    lowered,
    share,
    uid_of,
)
from riverline_stack.supervision.closed_folders import READ_ALL, WRITE_ALL
from riverline_stack.supervision.program import Program
from riverline_stack.up import hindrances

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has rights to give up")


def mounts() -> bool:
    """Whether this machine lets root mount, as a container may not."""
    command = ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    return os.geteuid() == 0 and subprocess.run(command, capture_output=True).returncode == 0


def said(account: str, own: list[Path], reads: list[Path], script: str) -> str:
    command = [*lowered(account, own, reads), "sh", "-c", script]
    return subprocess.run(command, capture_output=True, text=True).stdout


def test_the_folders_of_a_program_are_made_for_who_is_not_root_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A unit or a container starts it as its own account, and MariaDB takes no folder that is not there."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert accounts.lowered(accounts.MYSQL, [tmp_path / "mysql" / "scratch.draft"], []) == []
    assert (tmp_path / "mysql" / "scratch.draft").is_dir()


def test_a_program_without_an_account_stays_whose_it_is(tmp_path: Path) -> None:
    assert lowered("", [tmp_path / "own"], []) == []
    assert not (tmp_path / "own").exists()


@pytest.fixture
def door(tmp_path: Path) -> Path:
    """A folder that only root enters, with a file in it that is for everybody else."""
    if not mounts():
        pytest.skip("this machine lets nobody mount")
    folder = tmp_path / "closed folder"
    folder.mkdir(mode=0o700)
    (folder / "code").mkdir()
    (folder / "code" / "file").write_text("code")
    (folder / "file").write_text("another's")
    return folder


def test_behind_a_closed_door_the_account_has_what_it_needs_and_no_more(door: Path) -> None:
    own = door / "home" / "own"
    script = f"id -un; cd '{door}'; cat code/file; echo; echo new >home/own/file; cat file; ls . /root; touch code/x"
    assert said(STORM, [own], [door / "code"], script) == f"{STORM}\ncode\n"
    assert ((own / "file").read_text(), (own / "file").owner()) == ("new\n", STORM)
    assert sorted(path.name for path in door.rglob("*")) == ["code", "file", "file", "file", "home", "own"]


def test_it_starts_where_it_was_told_to(door: Path) -> None:
    (door / "home").mkdir()
    command = [*lowered(STORM, [door / "home" / "own"], []), "pwd"]
    run = subprocess.run(command, capture_output=True, text=True, cwd=door / "home")
    assert run.stdout == f"{door}/home\n"


def test_the_kernel_says_that_it_has_no_rights_and_gets_none(door: Path) -> None:
    for account, groups in GROUPS.items():
        told = said(account, [door / account], [], "cat /proc/self/status")
        status = {name: value.strip() for name, _, value in (line.partition(":") for line in told.splitlines())}
        assert set(status["Uid"].split()) == {str(uid_of(account))} != {"0"}
        found = {grp.getgrgid(int(number)).gr_name for number in (*status["Groups"].split(), *status["Gid"].split())}
        assert (found, status["NoNewPrivs"]) == (set(groups), "1")
        assert [int(status[name], 16) for name in ("CapEff", "CapPrm", "CapInh", "CapAmb")] == [0, 0, 0, 0]


def test_what_it_may_not_read_is_told_in_a_sentence(door: Path) -> None:
    (door / "code").chmod(0o700)
    program = Program("parser", [], lambda: None, account=STORM, reads=(door / "code",))
    said = f"parser, parser run as root: {door}/code cannot be read by the account {STORM}"
    assert hindrances([program, Program("server", [], lambda: None), program]) == [said]
    with pytest.raises(Fatal):
        lowered(STORM, [], [door / "code"])


@as_root
def test_looking_gives_nothing_to_an_account(tmp_path: Path) -> None:
    """A server of an earlier version may be writing there, as another account, until it is stopped."""
    own = tmp_path / "own"
    own.mkdir()
    (own / "data").write_text("")
    for path in (own, own / "data"):
        os.chown(path, 61_001, 61_001)
    hindrances([Program("server", [], lambda: None, account=MYSQL, own=(own,))])
    assert {path.stat().st_uid for path in (own, own / "data")} == {61_001}


def rights(status: str) -> int:
    found = dict(line.split(":\t", 1) for line in status.splitlines() if ":\t" in line)
    return int(found["CapEff"], 16) | int(found["CapPrm"], 16) | int(found["CapAmb"], 16)


@as_root
def test_where_root_may_not_mount_servers_that_refuse_root_pass_closed_folders_by_a_capability(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accounts, "view", lambda _: ["false"])
    own = tmp_path / "closed" / "own"
    (tmp_path / "closed").mkdir(mode=0o700)
    told = said(MYSQL, [own], [], f"id -un; touch {own}/new; touch {tmp_path}/closed/x; cat /proc/self/status")
    assert told.startswith(f"{MYSQL}\n") and (own / "new").owner() == MYSQL
    assert not (tmp_path / "closed" / "x").exists()
    assert 0 < rights(told) <= (1 << READ_ALL | 1 << WRITE_ALL)
    with pytest.raises(Fatal):
        examine(KAFKA, [own], [])


@as_root
def test_folders_are_given_with_what_they_hold_and_nothing_that_links_lead_to(tmp_path: Path) -> None:
    (tmp_path / "kept").write_text("")
    folder = tmp_path / "own"
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "file").write_text("")
    (folder / "deep" / "link").symlink_to(tmp_path / "kept")
    (folder / "deep" / "other-name").hardlink_to(tmp_path / "kept")
    give(folder, 61_001, 61_002)
    owners = {path.name: path.lstat().st_uid for path in [tmp_path / "kept", folder, *folder.rglob("*")]}
    assert owners == {"kept": 0, "own": 61_001, "deep": 61_001, "file": 61_001, "link": 0, "other-name": 0}


@as_root
def test_what_root_puts_there_later_is_given_at_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "own"
    (folder / "deep").mkdir(parents=True)
    give(folder, 61_001, 61_002)
    (folder / "deep" / "file").write_text("")
    give(folder, 61_001, 61_002)
    assert ((folder / "deep" / "file").stat().st_uid, (folder / "deep" / "file").stat().st_gid) == (61_001, 61_002)


@as_root
def test_passwords_are_shared_with_those_that_need_them(tmp_path: Path) -> None:
    for name in ("kafka", "mysql-application", "mysql-admin", "storm-ui", "api-signing"):
        (tmp_path / name).write_text("secret")
        (tmp_path / name).chmod(0o600)
    share(tmp_path)
    found = {path.name: (path.group(), path.stat().st_mode & 0o777) for path in tmp_path.iterdir()}
    assert found == {
        "kafka": (GROUP, 0o640),
        "mysql-application": (DATABASE_GROUP, 0o640),
        "mysql-admin": (grp.getgrgid(0).gr_name, 0o600),
        "storm-ui": (TOPOLOGY_GROUP, 0o640),
        "api-signing": (API, 0o640),
    }
    assert (tmp_path.group(), tmp_path.stat().st_mode & 0o777) == (GROUP, 0o710)


@as_root
def test_an_account_has_no_home_and_no_shell(tmp_path: Path) -> None:
    lowered(STORM, [tmp_path / "own"], []) if mounts() else pytest.skip("this machine lets nobody mount")
    entry = pwd.getpwnam(STORM)
    assert (entry.pw_dir, entry.pw_shell) == ("/nonexistent", "/usr/sbin/nologin")
