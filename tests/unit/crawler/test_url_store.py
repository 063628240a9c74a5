"""A target's addresses on disk."""

import os
import sqlite3
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from riverline_crawler.scheduling.url_store import UrlStore

HOUR = 3_600_000
DAY = 24 * HOUR


@pytest.fixture
def open_(tmp_path: Path) -> Callable[[], UrlStore]:
    return lambda: UrlStore(tmp_path / "7.sqlite")


@pytest.mark.parametrize("mask", [0o000, 0o022])
def test_its_files_are_for_their_owner_alone_whoever_makes_them(tmp_path: Path, mask: int) -> None:
    before = os.umask(mask)
    try:
        url_store = filled(UrlStore(tmp_path / "crawl" / "7.sqlite"))
        modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "crawl").iterdir()}
        assert modes == {"7.sqlite": 0o600, "7.sqlite-wal": 0o600, "7.sqlite-shm": 0o600}
        assert stat.S_IMODE((tmp_path / "crawl").stat().st_mode) == 0o700
        url_store.close()
    finally:
        os.umask(before)


def filled(url_store: UrlStore) -> UrlStore:
    url_store.begin("scope 1", 0)
    for name in "ab":
        url_store.add(f"http://{name}.example/", f"http://{name}.example", 1, 0)
    return url_store


def waiting(url_store: UrlStore) -> list[str]:
    return [known.key for known in url_store.waiting()]


def test_a_round_that_was_killed_goes_on_with_what_still_waits(open_) -> None:
    url_store = filled(open_())
    url_store.stored("http://a.example/", '"1"', "", "d", 86_400, 0)
    killed = open_()
    assert killed.begin("scope 1", HOUR)
    assert waiting(killed) == ["http://b.example/"]
    assert killed.asked() == 1


def test_an_address_is_there_once(open_) -> None:
    url_store = filled(open_())
    url_store.over("http://a.example/")
    url_store.add("http://a.example/", "http://a.example", 3, 0)
    assert waiting(url_store) == ["http://b.example/"]


def test_the_next_round_asks_for_what_is_due_with_what_the_last_answer_said(open_) -> None:
    url_store = filled(open_())
    url_store.stored("http://a.example/", '"1"', "Mon", "d", 86_400, 0)
    url_store.stored("http://b.example/", "", "", "e", 86_400 * 2, 0)
    url_store.end()
    assert not url_store.begin("scope 1", DAY)
    (known,) = url_store.waiting()
    assert (known.key, known.etag, known.last_modified, known.digest) == ("http://a.example/", '"1"', "Mon", "d")


def test_a_page_that_does_not_change_is_due_later_and_one_that_does_sooner(open_) -> None:
    url_store = filled(open_())
    for key in ("http://a.example/", "http://b.example/"):
        url_store.stored(key, "", "", "d", 86_400, 0)
    url_store.unchanged("http://a.example/", 86_400, 0)
    url_store.stored("http://b.example/", "", "", "e", 86_400, 0)
    url_store.end()
    url_store.begin("scope 1", DAY // 2)
    assert waiting(url_store) == ["http://b.example/"]
    url_store.over("http://b.example/")
    url_store.end()
    url_store.begin("scope 1", DAY + DAY // 2)
    assert waiting(url_store) == ["http://a.example/", "http://b.example/"]


def test_a_page_is_gone_when_it_is_missing_twice_in_a_row(open_) -> None:
    url_store = filled(open_())
    key = "http://a.example/"
    url_store.stored(key, "", "", "d", 86_400, 0)
    assert not url_store.missing(key)
    url_store.unchanged(key, 86_400, 0)
    assert not url_store.missing(key)
    assert url_store.missing(key)
    url_store.gone(key, 0, 86_400)
    assert not url_store.missing(key)


def test_a_page_that_was_never_there_is_not_gone(open_) -> None:
    url_store = filled(open_())
    assert not any(url_store.missing("http://a.example/") for _ in range(5))


def test_a_changed_target_has_every_page_looked_at_anew(open_) -> None:
    url_store = filled(open_())
    url_store.stored("http://a.example/", '"1"', "", "d", 86_400, 0)
    url_store.begin("scope 2", 1)
    assert waiting(url_store) == ["http://a.example/", "http://b.example/"]
    assert {known.etag for known in url_store.waiting()} == {""}


def test_a_start_address_is_asked_for_in_every_round_once(open_) -> None:
    url_store = filled(open_())
    url_store.stored("http://a.example/", "", "", "d", 86_400, 0)
    assert url_store.wait("http://a.example/")
    assert waiting(url_store) == ["http://b.example/"]
    url_store.end()
    url_store.begin("scope 1", 1)
    assert url_store.wait("http://a.example/")
    assert waiting(url_store) == ["http://a.example/", "http://b.example/"]
    assert not url_store.wait("http://c.example/")


def test_a_shelf_of_earlier_rules_for_keys_knows_each_page_by_its_key_of_now(tmp_path: Path, open_) -> None:
    url_store = filled(open_())
    url_store.add("http://a.example/talk", "http://a.example/talk?session_id=1", 1, 0)
    url_store.stored("http://a.example/talk", '"1"', "", "d", 86_400, 0)
    url_store.stored("http://a.example/", "", "", "e", 86_400, 0)
    url_store.over("http://b.example/")
    url_store.end()
    url_store.close()
    with sqlite3.connect(tmp_path / "7.sqlite") as base:
        base.execute("PRAGMA user_version = 0")
        base.execute("ALTER TABLE address ADD COLUMN own TEXT NOT NULL DEFAULT ''")
        base.execute("UPDATE address SET own = 'http://a.example/null' WHERE key = 'http://a.example/'")
    for _ in range(2):
        url_store = open_()
    assert not url_store.begin("scope 1", 1)
    known = {each.key: each for each in url_store.waiting()}
    assert known["http://a.example/talk?session_id=1"].url == "http://a.example/talk?session_id=1"
    old = known["http://a.example/talk"]
    assert (old.url, old.etag) == ("http://a.example/talk", "")
    assert old.digest not in ("", "d")  # it was there, and whatever is there now is new
    assert known["http://a.example/null"].digest  # a document may stand there
    for key in (old.key, "http://a.example/null"):
        assert url_store.missing(key)
    assert not url_store.missing("http://a.example/")
