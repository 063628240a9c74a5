"""A target's addresses on disk: what a round still has to request, and what is known about each page.

One SQLite file a target, in WAL mode: what is committed survives the kill of the process. An address and the end of the
page that led to it are committed together at the latest, so a crawl that is killed goes on where it was.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from riverline.crawl.revisits import GONE_AFTER, first_interval, next_interval
from riverline.parsing.url import canonical

TABLES = """
CREATE TABLE IF NOT EXISTS address (
    key TEXT PRIMARY KEY, url TEXT NOT NULL, depth INTEGER NOT NULL, redirects INTEGER NOT NULL,
    waiting INTEGER NOT NULL, asked_in INTEGER NOT NULL DEFAULT 0,
    etag TEXT NOT NULL DEFAULT '', last_modified TEXT NOT NULL DEFAULT '', digest TEXT NOT NULL DEFAULT '',
    interval INTEGER NOT NULL DEFAULT 0, due_at INTEGER NOT NULL DEFAULT 0, missing INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS address_waiting ON address (waiting) WHERE waiting = 1;
CREATE TABLE IF NOT EXISTS round (
    one INTEGER PRIMARY KEY CHECK (one = 1), number INTEGER NOT NULL, open INTEGER NOT NULL, scope TEXT NOT NULL
);
INSERT OR IGNORE INTO round VALUES (1, 0, 0, '');
"""
KEY_RULES = 2  # of text/url.py: a change of what one key stands for is a new number
# Every page is due, and counts as changed, so that its links are followed; that it was there is still known.
ANEW = "UPDATE address SET etag = '', last_modified = '', due_at = 0, digest = CASE digest WHEN '' THEN '' ELSE ? END"
OTHER = "other"  # the digest of no page


@dataclass(frozen=True, slots=True)
class UrlRecord:
    """An address that is to be asked for. Empty texts: it was not fetched before."""

    key: str
    url: str
    depth: int
    redirects: int
    etag: str
    last_modified: str
    digest: str


class UrlStore:
    """Not thread-safe; for one process, which holds the target. Times are ms since 1970, intervals seconds."""

    def __init__(self, file: Path) -> None:
        file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(file, os.O_CREAT | os.O_RDWR, 0o600))  # SQLite gives its mode to the files beside it
        self._base = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "busy_timeout = 5000"):
            self._base.execute(f"PRAGMA {pragma}")
        self._base.executescript(TABLES)
        self._take_over()

    def _take_over(self) -> None:
        """Brings a file of earlier rules for keys to these: what has another key by now is known by that one. Documents
        that stand under an old key, or under the address that a page gave for itself (they were named so, once), are
        asked for by that name; what is not there is gone at the first answer that says so."""
        (rules,) = self._base.execute("PRAGMA user_version").fetchone()
        if rules >= KEY_RULES:
            return
        rows = self._base.execute("SELECT key, url, depth FROM address WHERE url <> ''").fetchall()
        names = {column[1] for column in self._base.execute("PRAGMA table_info(address)")}
        own = self._base.execute("SELECT own FROM address WHERE own <> ''").fetchall() if "own" in names else []
        for key, url, depth in rows:
            if (new := canonical(url)) != key:
                self.add(new, url, depth, 0)
                self._run("UPDATE address SET url = key, missing = ? WHERE key = ?", GONE_AFTER - 1, key)
        for (address,) in own:
            self.add(address, address, 0, 0)
            changes = "digest = ?, missing = ? WHERE key = ? AND digest = ''"
            self._run(f"UPDATE address SET {changes}", OTHER, GONE_AFTER - 1, address)
        self._run(ANEW, OTHER)
        self.commit()
        self._base.execute(f"PRAGMA user_version = {KEY_RULES}")

    def begin(self, scope: str, now_ms: int, again: bool = False) -> bool:
        """Opens a round, of the pages that are due (`again`: of all), or goes on with the one that is open. Whether it
        goes on. Of a target whose scope was changed every page is looked at anew."""
        number, open_, before = self._base.execute("SELECT number, open, scope FROM round").fetchone()
        if scope != before:
            self._run(ANEW, OTHER)
        if not open_ or scope != before or again:
            number += 0 if open_ and scope == before else 1
            self._run(
                "UPDATE address SET waiting = 1 WHERE due_at <= ? AND asked_in < ?",
                1 << 62 if again else now_ms,
                number,
            )
        self._run("UPDATE round SET number = ?, open = 1, scope = ?", number, scope)
        self.commit()
        return bool(open_)

    def end(self) -> None:
        """The round is over."""
        self._run("UPDATE round SET open = 0")
        self.commit()

    def wait(self, key: str) -> bool:
        """Has an address asked for in this round however lately it was. False for one that is not known."""
        number = self._number()
        found = self._run("UPDATE address SET waiting = 1 WHERE key = ? AND asked_in < ?", key, number).rowcount
        return bool(found) or self._base.execute("SELECT 1 FROM address WHERE key = ?", (key,)).fetchone() is not None

    def waiting(self) -> Iterator[UrlRecord]:
        names = "key, url, depth, redirects, etag, last_modified, digest"
        for row in self._base.execute(f"SELECT {names} FROM address WHERE waiting = 1 ORDER BY depth, key"):
            yield UrlRecord(*row)

    def keys(self) -> list[str]:
        """Every address that is known."""
        return [key for (key,) in self._base.execute("SELECT key FROM address")]

    def asked(self) -> int:
        """How many addresses this round has asked for."""
        count: int = self._base.execute(
            "SELECT count(*) FROM address WHERE asked_in = ?", (self._number(),)
        ).fetchone()[0]
        return count

    def add(self, key: str, url: str, depth: int, redirects: int) -> None:
        self._run(
            "INSERT OR IGNORE INTO address (key, url, depth, redirects, waiting) VALUES (?, ?, ?, ?, 1)",
            key, url, depth, redirects,
        )  # fmt: skip

    def stored(self, key: str, etag: str, last_modified: str, digest: str, target_interval: int, now_ms: int) -> None:
        """A page that is new or has changed."""
        interval, before = self._base.execute("SELECT interval, digest FROM address WHERE key = ?", (key,)).fetchone()
        interval = next_interval(interval, changed=True) if before and interval else first_interval(target_interval)
        self._end(
            key, "etag = ?, last_modified = ?, digest = ?, interval = ?, due_at = ?, missing = 0",
            etag, last_modified, digest, interval, now_ms + interval * 1000,
        )  # fmt: skip

    def unchanged(self, key: str, target_interval: int, now_ms: int) -> None:
        (interval,) = self._base.execute("SELECT interval FROM address WHERE key = ?", (key,)).fetchone()
        interval = next_interval(interval or first_interval(target_interval), changed=False)
        self._end(key, "interval = ?, due_at = ?, missing = 0", interval, now_ms + interval * 1000)

    def missing(self, key: str) -> bool:
        """Notes that the page is not there. Whether it is gone: it was there once, and missing twice in a row. A page
        that was never there ends here, as does one that is missing for the first time: it is due in the next round."""
        digest, missing = self._base.execute("SELECT digest, missing FROM address WHERE key = ?", (key,)).fetchone()
        if digest and missing + 1 >= GONE_AFTER:
            return True
        self._end(key, "missing = missing + 1, due_at = 0")
        return False

    def gone(self, key: str, now_ms: int, due_in: int) -> None:
        """A record says that the page is gone: it is as if it had never been there."""
        self._end(key, "digest = '', etag = '', last_modified = '', missing = 0, due_at = ?", now_ms + due_in * 1000)

    def passed(self, key: str) -> None:
        """An address that is found anew in each round."""
        self._run("DELETE FROM address WHERE key = ?", key)
        self.commit()

    def over(self, key: str) -> None:
        """Asked for, refused or given up: due in the next round."""
        self._end(key, "due_at = 0")

    def commit(self) -> None:
        if self._base.in_transaction:
            self._base.execute("COMMIT")

    def close(self) -> None:
        self.commit()
        self._base.close()

    def _number(self) -> int:
        number: int = self._base.execute("SELECT number FROM round").fetchone()[0]
        return number

    def _end(self, key: str, changes: str, *values: object) -> None:
        self._run(
            f"UPDATE address SET waiting = 0, asked_in = (SELECT number FROM round), {changes} WHERE key = ?",
            *values,
            key,
        )
        self.commit()

    def _run(self, statement: str, *values: object) -> sqlite3.Cursor:
        if not self._base.in_transaction:
            self._base.execute("BEGIN IMMEDIATE")
        return self._base.execute(statement, values)
