"""What the servers of the stack are made from."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import BaseModel

from riverline.settings import Settings
from riverline_stack.servers import servers
from riverline_stack.servers.servers import SECTIONS


def other(section: BaseModel) -> BaseModel:
    """The section with other numbers, texts and lists."""
    changed: dict[str, Any] = {}
    for name, value in section:
        if isinstance(value, bool):
            changed[name] = not value
        elif isinstance(value, int | float):
            changed[name] = value + 1
        elif isinstance(value, str):
            changed[name] = f"{value}1"
        elif isinstance(value, tuple):
            changed[name] = (*value, *value)
    return section.model_copy(update=changed)


def made(settings: Settings) -> tuple[list[tuple[object, ...]], dict[str, bytes]]:
    """What is started, and the files that it reads."""
    programs = [
        (one.name, one.command, one.environment, one.own, one.reads, one.addresses) for one in servers.servers(settings)
    ]
    return programs, {str(path): path.read_bytes() for path in settings.home.rglob("*") if path.is_file()}


def test_they_are_made_from_no_settings_but_those_whose_change_restarts_them(tmp_path: Path) -> None:
    settings = Settings().placed(tmp_path)
    sections = {name: value for name, value in settings if isinstance(value, BaseModel)}
    assert set(SECTIONS) < set(sections)
    before = made(settings)
    rest = {name: other(section) for name, section in sections.items() if name not in SECTIONS}
    assert {"crawl", "search", "api"} < set(rest)
    assert made(settings.model_copy(update=rest)) == before
    assert {program.settings for program in servers.servers(settings)} == {SECTIONS}
