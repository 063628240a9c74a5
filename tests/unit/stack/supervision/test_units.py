"""The units of ops/systemd are those of the stack's programs."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from riverline.errors import Fatal, Transient
from riverline.settings import ROOT, Settings
from riverline_stack.supervision import run_one, units
from riverline_stack.supervision.program import Program

FOLDER = ROOT / "ops" / "systemd"


@pytest.fixture(scope="module")
def generated() -> dict[str, str]:
    return dict(units.units(units.all_programs()))


def test_the_committed_units_are_those_of_the_programs(generated: dict[str, str]) -> None:
    """When this fails: `make units`."""
    assert {path.name: path.read_text() for path in FOLDER.iterdir()} == generated


def test_every_service_starts_again_and_has_no_rights_to_gain(generated: dict[str, str]) -> None:
    for name, text in generated.items():
        if name.endswith(".service"):
            assert {"NoNewPrivileges=yes", "ProtectSystem=strict", "CapabilityBoundingSet="} <= set(text.splitlines())
            assert "Restart=always" in text or "Type=oneshot" in text, name


def test_no_unit_carries_a_secret_or_a_setting(generated: dict[str, str]) -> None:
    assert [name for name, text in generated.items() if re.search("^Environment=|PASSWORD", text, re.M)] == []


def test_what_a_unit_waits_for_is_a_unit(generated: dict[str, str]) -> None:
    waited = {word for text in generated.values() for word in re.findall(r"riverline[\w.-]+\.service", text)}
    assert waited <= generated.keys()


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="there is no systemd-analyze")
def test_systemd_finds_no_fault(tmp_path: Path, generated: dict[str, str]) -> None:
    program = tmp_path / "riverline"  # systemd wants the programs to be there
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    for name, text in generated.items():
        (tmp_path / name).write_text(text.replace(f"{units.CHECKOUT}/.venv/bin/riverline", str(program)))
    files = [str(tmp_path / name) for name in generated]
    said = subprocess.run(["systemd-analyze", "verify", "--man=no", *files], capture_output=True, text=True)
    assert (said.returncode, said.stderr) == (0, "")


def test_a_unit_becomes_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    began: list[tuple[str, list[str], dict[str, str]]] = []
    monkeypatch.setattr(os, "execvpe", lambda *arguments: began.append(arguments))
    monkeypatch.setattr(os, "chdir", lambda _: None)
    run_one.become(Settings.model_validate({"home": tmp_path}), "storm-ui")
    ((file, command, environment),) = began
    assert (file, command[:3], command[-1]) == (
        sys.executable,
        [sys.executable, "-m", "gunicorn"],
        "riverline_storm_ui.wsgi:app",
    )
    assert environment["RIVERLINE_HOME"] == str(tmp_path)


def test_an_unknown_program_is_refused_with_those_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(Fatal, match=r"no program kafka;.* kafka-1"):
        run_one.become(Settings.model_validate({"home": tmp_path}), "kafka")


def test_what_follows_a_start_waits_for_servers_of_other_hosts(monkeypatch: pytest.MonkeyPatch) -> None:
    tries: list[str] = []

    def settle(_: object) -> None:
        tries.append("")
        if len(tries) < 3:
            raise Transient("the other host's node does not answer yet")

    program = Program("last", [], ready=lambda: None, settle=settle)
    monkeypatch.setattr(run_one, "named", lambda *_: program)
    monkeypatch.setattr(run_one, "POLL", 0.0)
    run_one.wait(Settings(), "last", within=60)
    assert len(tries) == 3


def test_what_follows_a_start_and_never_succeeds_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def settle(_: object) -> None:
        raise Transient("the other host's node does not answer yet")

    monkeypatch.setattr(run_one, "named", lambda *_: Program("last", [], ready=lambda: None, settle=settle))
    with pytest.raises(Fatal, match="node does not answer yet"):
        run_one.wait(Settings(), "last", within=0)


def test_a_program_that_ended_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    def ready() -> None:
        raise Transient("nothing listens")

    monkeypatch.setattr(run_one, "named", lambda *_: Program("last", [], ready=ready))
    with subprocess.Popen(["true"]) as ended:
        ended.wait()
    monkeypatch.setenv("MAINPID", str(ended.pid))
    with pytest.raises(Fatal, match="ended before it was ready: nothing listens"):
        run_one.wait(Settings(), "last", within=3600)


def test_a_unit_has_room_for_the_heap_of_its_program(generated: dict[str, str]) -> None:
    """A virtual machine needs a quarter more than its heap, and more while it is small."""
    sizes = {"M": 1, "G": 1024}
    for program in units.all_programs():
        heaps = [re.fullmatch(r"-Xmx(\d+)([mg])", word) for word in program.command]
        heap = max((int(found[1]) * sizes[found[2].upper()] for found in heaps if found), default=0)
        limit = re.search(r"^MemoryMax=(\d+)([MG])$", generated.get(f"riverline-{program.name}.service", ""), re.M)
        assert not limit or heap * 1.25 < int(limit[1]) * sizes[limit[2]], program.name
