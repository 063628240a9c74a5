"""A target's addresses on disk."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler.shelf import Shelf

HOUR = 3_600_000
DAY = 24 * HOUR


@pytest.fixture
def open_(tmp_path: Path) -> Callable[[], Shelf]:
    return lambda: Shelf(tmp_path / "7.sqlite")


def filled(shelf: Shelf) -> Shelf:
    shelf.begin("scope 1", 0)
    for name in "ab":
        shelf.add(f"http://{name}.example/", f"http://{name}.example", 1, 0)
    return shelf


def waiting(shelf: Shelf) -> list[str]:
    return [known.key for known in shelf.waiting()]


def test_a_round_that_was_killed_goes_on_with_what_still_waits(open_) -> None:
    shelf = filled(open_())
    shelf.stored("http://a.example/", '"1"', "", "d", 86_400, 0)
    killed = open_()
    assert killed.begin("scope 1", HOUR)
    assert waiting(killed) == ["http://b.example/"]
    assert killed.asked() == 1


def test_an_address_is_there_once(open_) -> None:
    shelf = filled(open_())
    shelf.over("http://a.example/")
    shelf.add("http://a.example/", "http://a.example", 3, 0)
    assert waiting(shelf) == ["http://b.example/"]


def test_the_next_round_asks_for_what_is_due_with_what_the_last_answer_said(open_) -> None:
    shelf = filled(open_())
    shelf.stored("http://a.example/", '"1"', "Mon", "d", 86_400, 0)
    shelf.stored("http://b.example/", "", "", "e", 86_400 * 2, 0)
    shelf.end()
    assert not shelf.begin("scope 1", DAY)
    (known,) = shelf.waiting()
    assert (known.key, known.etag, known.last_modified, known.digest) == ("http://a.example/", '"1"', "Mon", "d")


def test_a_page_that_does_not_change_is_due_later_and_one_that_does_sooner(open_) -> None:
    shelf = filled(open_())
    for key in ("http://a.example/", "http://b.example/"):
        shelf.stored(key, "", "", "d", 86_400, 0)
    shelf.unchanged("http://a.example/", 86_400, 0)
    shelf.stored("http://b.example/", "", "", "e", 86_400, 0)
    shelf.end()
    shelf.begin("scope 1", DAY // 2)
    assert waiting(shelf) == ["http://b.example/"]
    shelf.over("http://b.example/")
    shelf.end()
    shelf.begin("scope 1", DAY + DAY // 2)
    assert waiting(shelf) == ["http://a.example/", "http://b.example/"]


def test_a_page_is_gone_when_it_is_missing_twice_in_a_row(open_) -> None:
    shelf = filled(open_())
    key = "http://a.example/"
    shelf.stored(key, "", "", "d", 86_400, 0)
    assert not shelf.missing(key)
    shelf.unchanged(key, 86_400, 0)
    assert not shelf.missing(key)
    assert shelf.missing(key)
    shelf.gone(key, 0, 86_400)
    assert not shelf.missing(key)


def test_a_page_that_was_never_there_is_not_gone(open_) -> None:
    shelf = filled(open_())
    assert not any(shelf.missing("http://a.example/") for _ in range(5))


def test_a_changed_target_has_every_page_looked_at_anew(open_) -> None:
    shelf = filled(open_())
    shelf.stored("http://a.example/", '"1"', "", "d", 86_400, 0)
    shelf.begin("scope 2", 1)
    assert waiting(shelf) == ["http://a.example/", "http://b.example/"]
    assert {known.etag for known in shelf.waiting()} == {""}


def test_a_start_address_is_asked_for_in_every_round_once(open_) -> None:
    shelf = filled(open_())
    shelf.stored("http://a.example/", "", "", "d", 86_400, 0)
    assert shelf.wait("http://a.example/")
    assert waiting(shelf) == ["http://b.example/"]
    shelf.end()
    shelf.begin("scope 1", 1)
    assert shelf.wait("http://a.example/")
    assert waiting(shelf) == ["http://a.example/", "http://b.example/"]
    assert not shelf.wait("http://c.example/")


def test_a_page_that_is_gone_takes_its_own_address_along_unless_another_page_stands_there(open_) -> None:
    shelf, own = filled(open_()), "http://a.example/own"
    shelf.stored("http://a.example/", "", "", "d", 86_400, 0, own)
    assert shelf.own_alone("http://a.example/") == own
    shelf.stored("http://b.example/", "", "", "e", 86_400, 0, own)
    assert shelf.own_alone("http://a.example/") == ""
    shelf.gone("http://b.example/", 0, 86_400)
    shelf.add(own, own, 1, 0)
    shelf.stored(own, "", "", "f", 86_400, 0, own)
    assert shelf.own_alone("http://a.example/") == ""
    assert shelf.own_alone(own) == ""


def test_a_shelf_of_before_pages_gave_addresses_for_themselves_is_read(tmp_path: Path, open_) -> None:
    filled(open_()).close()
    with sqlite3.connect(tmp_path / "7.sqlite") as base:
        base.execute("ALTER TABLE address DROP COLUMN own")
    assert waiting(open_()) == ["http://a.example/", "http://b.example/"]
