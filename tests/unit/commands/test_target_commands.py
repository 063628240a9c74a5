"""`riverline targets`: taking files over, and what to crawl next."""

import json
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

import riverline_commands.targets
from riverline.crawl.target_template import TEMPLATE
from riverline.crawl.targets import TargetForm
from riverline.errors import Invalid
from riverline.model import Search, Target
from riverline.services import Services
from riverline.settings import Settings
from riverline.testing.memory import MemoryIndex, MemoryLog
from riverline.testing.memory_targets import MemoryTargets
from riverline_commands.targets import app, imported, suggestions
from riverline_crawler.targets import read_targets

A = Target("a", start_urls=("http://a.example/",))
NOW = 1_760_000_000_000


def test_a_file_adds_what_is_new_and_changes_what_differs() -> None:
    targets, told = MemoryTargets(), list[str]()
    b = replace(A, name="b")
    assert imported(targets, [A, b], told.append) == {"added": 2, "changed": 0, "unchanged": 0}
    assert imported(targets, [A, replace(b, rate=2)], told.append) == {"added": 0, "changed": 1, "unchanged": 1}
    assert targets.get("b").target.rate == 2
    assert told == ["changed: b (rate)"]


def test_an_import_overwrites_nothing_without_saying_so(kept: MemoryTargets, tmp_path: Path) -> None:
    names = ("zq🇰🇷", "zq🇯🇵", "Zq", "ｚｑ", "jose", "josé", "zq\u200b")
    for name in names:
        kept.add(replace(A, name=name))
    file = tmp_path / "more.json"
    file.write_text(json.dumps({"targets": [{"name": "zq", "start_urls": ["http://b.example/"]}]}))
    first, again = (CliRunner().invoke(app, ["import", str(file)]).output for _ in range(2))
    assert "1 added, 0 changed" in first
    assert "0 added, 0 changed, 1 unchanged" in again
    assert all(kept.get(name).target.start_urls == A.start_urls for name in names)
    kept.replace("zq", replace(A, name="zq", rate=3))
    last = CliRunner().invoke(app, ["import", str(file)]).output
    assert "1 changed" in last
    assert "changed: zq (start_urls, rate)" in last


def test_searches_that_never_found_anything_are_suggested_unless_they_are_keywords_already() -> None:
    targets, index = MemoryTargets(), MemoryIndex()
    targets.add(replace(A, keywords=("known",)))
    for number, (word, hits) in enumerate([("owl", 0), ("owl", 0), ("known", 0), ("boat", 0), ("boat", 3), ("elk", 0)]):
        index.record_search(Search(word, "en", NOW - 1, hits, 1, str(number)))
    index.record_search(Search("old", "en", NOW - 86_400_000 * 40, 0, 1, "old"))
    services = Services(Settings(), index, MemoryLog(), lambda: NOW, make_targets=lambda: targets)
    assert suggestions(services, 30, 10) == [("owl", 2), ("elk", 1)]


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> MemoryTargets:
    targets = MemoryTargets()
    monkeypatch.setattr(riverline_commands.targets, "_targets", lambda: targets)
    return targets


def told(*line: str) -> dict:
    run = CliRunner().invoke(app, [*line, "--json"])
    assert run.exit_code == 0, run.output
    return json.loads(run.stdout)[0]["target"]


def test_a_target_is_added_with_what_is_given_and_edited_in_nothing_else(kept: MemoryTargets) -> None:
    added = told("add", "a", "--url", "http://a.example/", "--url", "http://b.example/", "--rate", "2", "--disable")
    assert (added["start_urls"], added["rate"]) == (["http://a.example/", "http://b.example/"], 2)
    assert kept.get("a").target.enabled is False
    told("edit", "a", "--depth", "3", "--enable", "--rename", "c")
    assert kept.get("c").target == Target(
        "c", start_urls=("http://a.example/", "http://b.example/"), rate=2, depth=3, enabled=True
    )


@pytest.mark.parametrize(
    ("address", "name", "url"),
    [
        ("example.org", "example.org", "https://example.org"),
        ("http://a.example/x/", "a.example x", "http://a.example/x/"),
    ],
)
def test_a_target_is_added_by_its_address_alone(kept: MemoryTargets, address: str, name: str, url: str) -> None:
    added = told("add", address, "--rate", "0.5")
    assert (added["name"], added["start_urls"], added["rate"]) == (name, [url], 0.5)
    assert len(added["allowed_hosts"]) == 2


def test_a_file_to_fill_in_is_written_once_and_can_be_taken_over(kept: MemoryTargets, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    assert CliRunner().invoke(app, ["init", str(file)]).exit_code == 0
    assert read_targets(file) == [Target("example", start_urls=("https://example.org/",))]
    again = CliRunner().invoke(app, ["init", str(file)])
    assert again.exit_code == 1 and "is there already" in str(again.exception)


def test_the_file_to_fill_in_shows_every_field_with_its_default(tmp_path: Path) -> None:
    file = tmp_path / "whole.toml"
    file.write_text(re.sub(r"^# (\w+ = )", r"\1", TEMPLATE, flags=re.M))
    [written] = tomllib.loads(file.read_text())["targets"]
    assert written.keys() == TargetForm.model_fields.keys()
    assert read_targets(file) == [Target("example", start_urls=("https://example.org/",))]
    assert 'proxy = "http' not in TEMPLATE


def test_what_is_no_toml_is_said_with_its_place(tmp_path: Path) -> None:
    file = tmp_path / "broken.toml"
    file.write_text("[[targets]]\nname = x\n")
    with pytest.raises(Invalid, match=r"broken\.toml: .*line 2"):
        read_targets(file)
