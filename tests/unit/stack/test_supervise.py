"""What the supervisor is told: every program, started by stack.launch, with nothing of the user's shell."""

from __future__ import annotations

import configparser
import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from riverline.settings import Settings
from stack.program import Program
from stack.supervise import base_environment, render, version

PROGRAM = Program("server", ["server", "--flag"], ready=lambda: None, stop_signal="QUIT", stop_seconds=7)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings().model_copy(update={"home": tmp_path / "a home with 100 %"})


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


def test_only_its_user_can_read_the_password(settings: Settings) -> None:
    file = render(settings, [PROGRAM])
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert len(rendered(settings)["inet_http_server"]["password"]) >= 20


def test_the_shells_variables_do_not_reach_the_programs(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example:1")
    assert "HTTP_PROXY" not in base_environment(settings)


def test_the_version_changes_with_the_command_the_settings_and_the_program_s_own(settings: Settings) -> None:
    other_settings = settings.model_copy(update={"home": Path("/elsewhere")})
    versions = {
        version(settings, PROGRAM),
        version(settings, replace(PROGRAM, command=["server"])),
        version(settings, replace(PROGRAM, version="2")),
        version(other_settings, PROGRAM),
    }
    assert len(versions) == 4
    assert version(settings, PROGRAM) == version(settings, replace(PROGRAM))
