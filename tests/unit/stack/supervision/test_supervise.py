"""What the supervisor is told: every program, started by riverline_stack.supervision.launch, with nothing of the
user's shell."""

from __future__ import annotations

import configparser
import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from riverline.settings import ROOT, Settings
from riverline_stack.supervision import supervise
from riverline_stack.supervision.lifecycle import keep_private
from riverline_stack.supervision.program import Program
from riverline_stack.supervision.supervise import ProgramState, Supervisor, base_environment, render, version

PROGRAM = Program("server", ["server", "--flag"], ready=lambda: None, stop_signal="QUIT", stop_seconds=7)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings().placed(tmp_path / "a home with 100 %")


def rendered(settings: Settings, *programs: Program) -> configparser.ConfigParser:
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(render(settings, programs))
    return parser


def test_a_program_is_started_only_when_told_and_again_when_it_dies(settings: Settings) -> None:
    section = rendered(settings, PROGRAM)["program:server"]
    assert (section["autostart"], section["autorestart"]) == ("false", "true")
    assert (section["stopsignal"], section["stopwaitsecs"]) == ("QUIT", "7")


def test_the_specification_holds_the_command(settings: Settings) -> None:
    render(settings, [PROGRAM])
    spec = json.loads((settings.home / "run" / "server.json").read_text())
    assert spec["command"] == ["server", "--flag"]


def test_per_cent_signs_in_paths_are_escaped(settings: Settings) -> None:
    assert "100 %%" in rendered(settings, PROGRAM)["program:server"]["command"]


def test_only_its_user_reaches_the_supervisor(settings: Settings) -> None:
    file = render(settings, [PROGRAM])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    sections = rendered(settings)
    assert sections["unix_http_server"]["chmod"] == "0700"
    assert "inet_http_server" not in sections
    assert sections["supervisord"]["umask"] == "077"


def test_what_an_earlier_version_left_open_is_closed_to_other_accounts(settings: Settings) -> None:
    for name in ("run", "logs", "kafka/1", "redis/1", "mysql/primary", "guide"):
        (settings.home / name).mkdir(parents=True)
        (settings.home / name).chmod(0o755)
    note = settings.home / "mysql" / "primary.name"
    note.write_text("mysql-primary\n")
    note.chmod(0o644)
    keep_private(settings.home)
    assert stat.S_IMODE(note.stat().st_mode) == 0o600
    passed = 0o711 if os.geteuid() == 0 else 0o700  # servers of root run as another account, which passes through
    closed = ("run", "logs", "kafka/1", "redis/1", "mysql/primary")
    assert {stat.S_IMODE((settings.home / name).stat().st_mode) for name in closed} == {0o700}
    assert {stat.S_IMODE((settings.home / name).stat().st_mode) for name in (".", "redis", "mysql", "kafka")} == {
        passed
    }
    assert stat.S_IMODE((settings.home / "guide").stat().st_mode) == 0o755  # nginx reads it


def test_the_shells_variables_do_not_reach_the_programs(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:1")
    assert "HTTP_PROXY" not in base_environment(settings)


def test_the_version_changes_with_the_command_the_settings_and_the_program_s_own(settings: Settings) -> None:
    other_settings = settings.placed(Path("/elsewhere"))
    versions = {
        version(settings, PROGRAM),
        version(settings, replace(PROGRAM, command=["server"])),
        version(settings, replace(PROGRAM, version="2")),
        version(other_settings, PROGRAM),
    }
    assert len(versions) == 4
    changed = settings.model_copy(update={"crawl": settings.crawl.model_copy(update={"contact": "me@example.org"})})
    assert version(changed, PROGRAM) != version(settings, PROGRAM)
    server = replace(PROGRAM, settings=("stack",))
    assert version(changed, server) == version(settings, server) != version(other_settings, server)
    assert version(settings, PROGRAM) == version(settings, replace(PROGRAM))


def test_a_program_that_was_just_being_started_is_killed_as_well(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        looks = iter([[], [psutil.Process(process.pid)]])  # a process that has just been forked is nobody's yet

        class Starting(Supervisor):
            def _call(self, method: str, *arguments: object, **options: object) -> None:
                assert method == "stopProcess"

            def states(self) -> dict[str, ProgramState]:
                state = "STOPPING" if process.poll() is None else "STOPPED"
                return {"server": ProgramState("server", state, process.pid, 0, "")}

        monkeypatch.setattr(supervise, "owned", lambda home, name: next(looks))
        monkeypatch.setattr(supervise, "KILLED", 5.0)
        Starting(settings).kill("server")
        assert process.returncode is not None


def test_a_shell_that_has_sourced_the_environment_changes_no_program(settings, monkeypatch):
    before = base_environment(settings)
    added = f"{ROOT}/ops/riverline_stack/servers/storm:{ROOT}/.venv/bin"
    monkeypatch.setenv("PATH", f"{added}:{os.environ['PATH']}")
    assert base_environment(settings) == before
    topology = settings.topology.model_copy(update={"state": settings.state})
    sourced = settings.model_copy(update={"topology": topology})
    assert version(sourced, PROGRAM) == version(settings, PROGRAM)
