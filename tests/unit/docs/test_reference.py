"""The reference names every command with its options, every operation of the API, every table, field and key."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from riverline.adapters.mysql.tables import metadata
from riverline.feed import keys
from riverline.pipeline.records import _FAILURE, _NUMBERS, _TEXTS
from riverline.search.mappings import FATE, documents_mapping
from riverline.settings import ROOT
from riverline_commands.main import application
from tests.unit.api.conftest import Desk

REFERENCE = ROOT / "docs" / "reference"
COMMANDS, API, STORAGE = ((REFERENCE / f"{name}.md").read_text() for name in ("commands", "api", "storage"))
PAGES = [*sorted((ROOT / "docs").rglob("*.md")), *(ROOT / name for name in ("README.md", "CONTRIBUTING.md"))]
MAKEFILE = (ROOT / "Makefile").read_text()
EVERYWHERE = {"--json", "--help"}
SHORT = {"riverline crawl", "riverline timeline"}


def commands(command: Any, path: str) -> Iterator[tuple[str, set[str]]]:
    """Each command with its long options."""
    if hasattr(command, "commands"):
        for name, one in command.commands.items():
            yield from commands(one, f"{path} {name}")
    else:
        options = {text for one in command.params for text in (*one.opts, *one.secondary_opts)}
        yield path, {text for text in options if text.startswith("--")} - EVERYWHERE


FOUND = dict(commands(typer.main.get_command(application()), "riverline"))


@pytest.mark.parametrize(("path", "options"), FOUND.items(), ids=FOUND)
def test_every_command_is_there_with_its_options(path: str, options: set[str]) -> None:
    [row] = re.findall(rf"^\| `{path}(?: [A-Z]+)?` \| (.*) \|$", COMMANDS, re.M)
    assert options - set(re.findall(r"--[a-z-]+", row)) == set()


def test_no_command_is_there_that_does_not_exist() -> None:
    named = re.findall(r"^\| `(riverline(?: [a-z]+(?:-[a-z]+)?)+)", COMMANDS, re.M)
    assert [path for path in named if path not in {*FOUND, *SHORT}] == []


def typed(page: Path) -> list[list[str]]:
    """The commands of a page's blocks, in words, without comments and settings before them."""
    blocks = re.findall(r"^    .*$|^```sh.*?^```", page.read_text().replace("\\\n", " "), re.M | re.S)
    lines = [line.strip() for block in blocks for line in block.splitlines()]
    of_ours = [line for line in lines if re.match(r"(\S+=\S* )*(\.venv/bin/)?(riverline|make) ", line)]
    found = [shlex.split(re.sub(r" #.*", "", line)) for line in of_ours]
    return [[word for word in words if not re.match(r"[A-Z_]+=", word)] for words in found]


def problem(words: list[str]) -> str:
    """What a command line has that does not exist, or nothing."""
    program, *rest = words
    if program == "make":
        return " ".join(name for name in rest if name in rest[:1] and f"\n{name}:" not in MAKEFILE)
    path = next((name for size in (2, 1) if (name := " ".join(["riverline", *rest[:size]])) in FOUND), "")
    if not path and rest[0] in ("crawl", "timeline"):
        path = {"crawl": "riverline crawl site", "timeline": "riverline timeline show"}[rest[0]]
    known = FOUND.get(path, set()) | EVERYWHERE | ({"--targets"} if path == "riverline crawl site" else set())
    options = {word.strip("[]") for word in rest if word.strip("[]").startswith("--")}
    return "" if path and options <= known else " ".join(words)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_that_a_page_tells_to_type_exists(page: Path) -> None:
    assert [wrong for words in typed(page) if (wrong := problem(words))] == []


def test_the_operations_of_the_api_are_those_of_its_description() -> None:
    paths = Desk().get("/openapi.json").json["paths"]
    described = {f"{method.upper()} {path}" for path, methods in paths.items() for method in methods}
    assert set(re.findall(r"^\| `([A-Z]+ /[^`]+)`", API, re.M)) - {"GET /metrics"} == described


def test_every_table_is_there() -> None:
    assert [table for table in metadata.tables if f"| `{table}` |" not in STORAGE] == []


def test_every_field_and_every_header_is_there() -> None:
    fields = {*documents_mapping()["properties"], *FATE, *_TEXTS, *_NUMBERS, *_FAILURE}
    assert [field for field in fields if f"`{field}`" not in STORAGE] == []


def test_the_keys_of_timelines_are_there() -> None:
    made = {key.replace("7", "{id}") for key in [*keys.all_keys(7), keys.post_key(7)]}
    assert [key for key in made if f"`{key}`" not in STORAGE] == []


def test_the_architecture_names_every_part_of_the_core() -> None:
    page = (ROOT / "docs" / "explanation" / "architecture.md").read_text()
    core = [path for path in (ROOT / "src" / "riverline").iterdir() if path.name not in ("__init__.py", "__pycache__")]
    parts = {f"{path.name}/" for path in core if path.is_dir()}
    assert [part for part in sorted(parts) if f"`{part}`" not in page] == []
    programs = {f"{path.parent.name}/" for path in ROOT.glob("*/__init__.py")}
    assert [program for program in sorted(programs) if f"`{program}" not in page] == []
