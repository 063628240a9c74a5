"""Targets from a file."""

import json
from pathlib import Path

import pytest

from riverline.errors import Invalid
from riverline.model import Target
from riverline.settings import ROOT
from riverline_crawler.targets import hosts_of, load_targets

GOOD = {"name": "a", "start_urls": ["http://a.example/"]}


def written(folder: Path, *targets: dict, **more: object) -> Path:
    file = folder / "targets.json"
    file.write_text(json.dumps({"targets": targets, **more}))
    return file


def test_a_target_needs_a_name_and_an_address_only(tmp_path: Path) -> None:
    assert load_targets(written(tmp_path, GOOD)) == [Target("a", start_urls=("http://a.example/",))]


def test_the_targets_of_the_demo_web_can_be_read() -> None:
    assert len(load_targets(ROOT / "demo" / "targets.json")) >= 6


def test_the_example_shows_every_kind() -> None:
    kinds = {target.kind for target in load_targets(ROOT / "crawler" / "targets.json")}
    assert kinds == {"site", "sitemap", "feed", "search", "youtube"}


def test_a_target_that_is_switched_off_is_left_out(tmp_path: Path) -> None:
    assert load_targets(written(tmp_path, {**GOOD, "enabled": False})) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"rate": 0}, "rate"),
        ({"concurrency": 0}, "concurrency"),
        ({"kind": "blog"}, "kind"),
        ({"start_urls": []}, "start_urls"),
        ({"start_urls": ["ftp://a.example/"]}, "start_urls[0]"),
        ({"allowed_hosts": ["http://a.example"]}, "allowed_hosts[0]"),
        ({"proxy": "127.0.0.1:8090"}, "proxy"),
        ({"rates": 3}, "rates"),
        ({"depth": -1}, "depth"),
        ({"max_pages": "many"}, "max_pages"),
    ],
)
def test_a_wrong_field_is_named_with_its_file(tmp_path: Path, wrong: dict, field: str) -> None:
    with pytest.raises(Invalid) as raised:
        load_targets(written(tmp_path, GOOD, {**GOOD, "name": "b", **wrong}))
    assert f"targets.json: targets[1].{field}: " in str(raised.value)


def test_a_file_that_is_not_there_or_no_json_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"none\.json"):
        load_targets(tmp_path / "none.json")
    (tmp_path / "bad.json").write_text("{")
    with pytest.raises(Invalid, match=r"bad\.json"):
        load_targets(tmp_path / "bad.json")


def test_a_name_that_is_there_twice_is_said(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="the name a appears twice"):
        load_targets(written(tmp_path, GOOD, GOOD))


def test_the_hosts_are_those_named_or_those_of_the_start_urls() -> None:
    assert hosts_of(Target("a", start_urls=("http://A.example:81/x",))) == {"a.example"}
    assert hosts_of(Target("a", start_urls=("http://a.example/",), allowed_hosts=("B.example",))) == {"b.example"}
