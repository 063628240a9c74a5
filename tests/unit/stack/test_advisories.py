"""No answer of the registry is no all-clear, and says so; OSV's database answers from a file."""

from __future__ import annotations

import json
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from riverline_stack import advisories
from riverline_stack.advisories import asked, is_affected, locked, main, read

CLEAN = {"name": "flask", "version": "3.1", "vulns": []}
SKIPPED = {"name": "mine", "skip_reason": "Dependency not found on PyPI and could not be audited: mine (1)"}
ILL = {"name": "old", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"], "aliases": []}]}
LOCK = "flask==3.1 \\\n    --hash=sha256:00\nOld.Name==1.0 ; sys_platform == 'linux' \\\n    --hash=sha256:11\n"


def test_packages_without_a_known_vulnerability_are_clear() -> None:
    found = read({"dependencies": [CLEAN]})
    assert (found.code, found.asked, found.unasked) == (0, 1, ())


def test_what_could_not_be_asked_is_said_in_one_line_and_is_no_fault() -> None:
    found = read({"dependencies": [CLEAN, SKIPPED]})
    assert (found.code, found.asked, found.unasked) == (0, 1, ("mine",))
    assert "1 NOT checked" in found.sentence() and "\n" not in found.sentence()


def test_a_vulnerability_is_told_with_what_mends_it() -> None:
    found = read({"dependencies": [SKIPPED, ILL]})
    assert (found.code, found.known) == (1, ("old 1.0: PYSEC-1, fixed in 1.1",))


def test_a_registry_that_does_not_answer_leaves_every_package_unasked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    away = subprocess.CompletedProcess([], 1, "", "Traceback\nConnectionError: away")
    monkeypatch.setattr(advisories.subprocess, "run", lambda *_, **__: away)
    (tmp_path / "lock").write_text(LOCK)
    found = asked(tmp_path / "lock")
    assert (found.code, found.unasked) == (0, ("flask", "Old.Name"))
    assert "ConnectionError: away" in found.sentence() and "\n" not in found.sentence()


def test_a_lock_is_read_with_its_versions() -> None:
    assert locked(LOCK) == [("flask", "3.1"), ("Old.Name", "1.0")]


def database(folder: Path, *found: dict[str, Any]) -> str:
    with zipfile.ZipFile(folder / "all.zip", "w") as file:
        for one in found:
            file.writestr(f"{one['id']}.json", json.dumps(one))
    return str(folder / "all.zip")


def advisory(name: str, events: list[dict[str, str]], **more: Any) -> dict[str, Any]:
    package = {"ecosystem": "PyPI", "name": name}
    return {
        "id": "GHSA-1",
        "affected": [{"package": package, "ranges": [{"type": "ECOSYSTEM", "events": events}]}],
        **more,
    }


@pytest.fixture
def locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(advisories, "ROOT", tmp_path)
    (tmp_path / "virtualenvs").mkdir()
    (tmp_path / "requirements.lock").write_text(LOCK)
    (tmp_path / "requirements-semantic.lock").write_text("flask==3.1\n")
    (tmp_path / "virtualenvs" / "content.txt").write_text("flask==3.1\n")
    return tmp_path


def test_a_file_of_advisories_answers_without_a_network(locks: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wrong = advisory("old_name", [{"introduced": "0"}, {"fixed": "1.1"}])
    assert main(database(locks, wrong)) == 1
    said = capsys.readouterr().out
    assert "2 packages checked, 1 known" in said
    assert "Old.Name 1.0: GHSA-1, fixed in 1.1" in said


@pytest.mark.parametrize(
    "other",
    [
        advisory("old-name", [{"introduced": "0"}, {"fixed": "1.0"}]),
        advisory("old-name", [{"introduced": "1.0.1"}]),
        advisory("old-name", [{"introduced": "0"}], withdrawn="2026-01-01T00:00:00Z"),
        advisory("another", [{"introduced": "0"}]),
    ],
)
def test_advisories_of_other_versions_or_packages_are_none(locks: Path, other: dict[str, Any]) -> None:
    assert main(database(locks, other)) == 0


@pytest.mark.parametrize(
    ("version", "hit"), [("1.9", False), ("2.0", True), ("2.5", True), ("2.6", False), ("3.1", True)]
)
def test_ranges_are_read_as_osv_writes_them(version: str, hit: bool) -> None:
    events = [{"introduced": "2.0"}, {"last_affected": "2.5"}, {"introduced": "3.0"}]
    assert is_affected(version, {"ranges": [{"type": "ECOSYSTEM", "events": events}]}) is hit
    assert is_affected("9", {"versions": ["9"]})
