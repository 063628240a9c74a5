"""`riverline targets`: taking files over, and what to crawl next."""

import json
from dataclasses import replace

import pytest
from typer.testing import CliRunner

import commands.targets
from commands.targets import app, imported, suggestions
from riverline.assembly import Services
from riverline.model import Search, Target
from riverline.settings import Settings
from riverline.stores.memory import MemoryIndex, MemoryLog
from riverline.stores.memory_targets import MemoryTargets

A = Target("a", start_urls=("http://a.example/",))
NOW = 1_760_000_000_000


def test_a_file_adds_what_is_new_and_changes_what_differs() -> None:
    targets = MemoryTargets()
    assert imported(targets, [A, replace(A, name="b")]) == {"added": 2, "changed": 0, "unchanged": 0}
    assert imported(targets, [A, replace(A, name="b", rate=2)]) == {"added": 0, "changed": 1, "unchanged": 1}
    assert targets.get("b").target.rate == 2


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
    monkeypatch.setattr(commands.targets, "_targets", lambda: targets)
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
