"""What a target takes, and what follows from it."""

import json
from dataclasses import replace

import pytest

from riverline.crawl.targets import hosts_of, in_paths, scope_of, start_urls, target_of, targets_of, written
from riverline.errors import Invalid
from riverline.model import Target

SEARCH = {"name": "s", "kind": "search", "start_urls": ["http://a.example/?q={keyword}"], "keywords": ["물 길", "a&b"]}


def test_a_search_begins_at_its_address_with_each_keyword() -> None:
    assert start_urls(target_of(SEARCH)) == (
        "http://a.example/?q=%EB%AC%BC+%EA%B8%B8",
        "http://a.example/?q=a%26b",
    )
    assert hosts_of(target_of(SEARCH)) == {"a.example"}


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"start_urls": ["http://a.example/"]}, "start_urls"),
        ({"keywords": []}, "keywords"),
        ({"allowed_paths": ["x"]}, "allowed_paths[0]"),
        ({"interval": 1}, "interval"),
        ({"priority": 101}, "priority"),
        ({"name": "a/b"}, "name"),
        *(({"name": name}, "name") for name in ("\u200b", "\u3164", "\u2800", "\ufeff", "\u3164\u200b", "\u115f", " ")),
    ],
)
def test_a_wrong_field_is_named(wrong: dict, field: str) -> None:
    with pytest.raises(Invalid) as raised:
        target_of({**SEARCH, **wrong})
    assert str(raised.value).startswith(f"{field}: ")


def test_what_is_wrong_with_a_field_is_said_in_a_sentence_of_ours() -> None:
    with pytest.raises(Invalid) as raised:
        target_of({**SEARCH, "rate": "fast", "depth": -1})
    assert str(raised.value) == "rate: it must be a number; depth: it must be at least 0"


def test_what_is_written_is_read_again_as_it_was() -> None:
    targets = [Target("a", start_urls=("http://a.example/",), rate=2.5, enabled=False), target_of(SEARCH)]
    assert targets_of(written(targets), "file") == targets
    first = {"name": "a", "start_urls": ["http://a.example/"], "rate": 2.5, "enabled": False}
    assert json.loads(written(targets))["targets"][0] == first


@pytest.mark.parametrize(
    ("url", "inside"),
    [
        ("http://a.example/news/1", True),
        ("http://a.example/blog", True),
        ("http://a.example/shop/news/1", False),
        ("http://a.example", False),
    ],
)
def test_paths_are_allowed_by_their_beginning(url: str, inside: bool) -> None:
    assert in_paths(url, Target("a", allowed_paths=("/news/", "/blog"))) is inside
    assert in_paths(url, Target("a"))


def test_the_scope_of_a_target_is_what_it_wants_and_not_how_fast() -> None:
    target = Target("a", start_urls=("http://a.example/",))
    assert scope_of(replace(target, rate=9.0, interval=60, priority=3, name="b")) == scope_of(target)
    assert scope_of(replace(target, depth=3)) != scope_of(target)
