"""What searches showed, for the clicks that may follow. A thread of its own notes it in Redis, what comes close
together at once, and a page that many got once: a write for each search would cost more than a kept page of results.

A process that is killed forgets what it had not noted yet: no click on the results of the last moment will count.
"""

from __future__ import annotations

import atexit
import contextlib
import threading
import time
from collections.abc import Callable, Mapping, Sequence

import orjson
from flask import Flask, current_app, g

from riverline.contracts import KeyValue
from riverline.errors import Transient
from riverline.random_ids import ALIKE
from riverline.search.results import Hit
from riverline_api.http.signing import signer

SHOWN_SECONDS = 6 * 3600  # so long after a search a click on its results counts
GATHER_SECONDS = 0.05
PAUSE_SECONDS = 3 * GATHER_SECONDS  # after which another process has noted what it showed
MOST_PATIENT = 2  # threads of a process
MOST_WAITING = 5000  # while Redis is slow; of more, clicks do not count
_EXTENSION = "riverline-shown"


class Impressions:
    """Thread-safe. `sleep` takes seconds."""

    def __init__(self, key_value: Callable[[], KeyValue], sleep: Callable[[float], None] = time.sleep) -> None:
        self._key_value, self._sleep = key_value, sleep
        self._waiting: dict[str, tuple[str, ...]] = {}
        self._some, self._lock = threading.Event(), threading.Lock()
        self._seats = threading.Semaphore(MOST_PATIENT)
        self._thread: threading.Thread | None = None

    def note(self, request_id: str, urls: tuple[str, ...]) -> None:
        """Returns at once. Without Redis no click on them will count."""
        with self._lock:
            if len(self._waiting) < MOST_WAITING:
                self._waiting[request_id] = urls
            self._start()
        self._some.set()

    def urls(self, request_id: str) -> tuple[str, ...] | None:
        """What that search showed; None if unknown. Raises Transient.

        Another process may note it only now, so that it is looked for twice. Few may wait for that at a time: whoever
        asks for what no search showed keeps nobody from being answered.
        """
        found = self._noted(request_id)
        if found is None and self._seats.acquire(blocking=False):
            try:
                self._sleep(PAUSE_SECONDS)
            finally:
                self._seats.release()
            found = self._noted(request_id)
        return found

    def flush(self) -> None:
        """Notes what waits."""
        with self._lock:
            waiting = dict(self._waiting)
        with contextlib.suppress(Transient):
            for key, notes in grouped(waiting).items():
                self._key_value().note(key, notes, SHOWN_SECONDS)
        with self._lock:
            for one in waiting:
                self._waiting.pop(one, None)

    def _noted(self, request_id: str) -> tuple[str, ...] | None:
        with self._lock:
            if (waiting := self._waiting.get(request_id)) is not None:
                return waiting
        [kept] = self._key_value().noted(_key(request_id), [request_id])
        if kept is not None and not kept.startswith(b"["):
            [kept] = self._key_value().noted(_key(request_id), [kept.decode()])
        return None if kept is None else tuple(orjson.loads(kept))

    def _start(self) -> None:
        # At the first search, not before: a process that forks would leave the thread behind.
        if self._thread is None or not self._thread.is_alive():
            atexit.register(self.flush)
            self._thread = threading.Thread(target=self._run, name="shown", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while self._some.wait():
            self._some.clear()
            time.sleep(GATHER_SECONDS)
            self.flush()


def register(app: Flask, key_value: Callable[[], KeyValue]) -> None:
    """Lets an application remember what it shows."""
    app.extensions[_EXTENSION] = Impressions(key_value)


def shown(hits: Sequence[Hit]) -> None:
    """Notes what this request shows."""
    if hits:
        kept: Impressions = current_app.extensions[_EXTENSION]
        kept.note(g.request_id, tuple([hit.url for hit in hits]))


def urls_of(request_id: str) -> tuple[str, ...] | None:
    """What that search showed; None if unknown, at once if there was no such request. Raises Transient."""
    if not signer().made(request_id):
        return None
    kept: Impressions = current_app.extensions[_EXTENSION]
    return kept.urls(request_id)


def grouped(shown: Mapping[str, tuple[str, ...]]) -> dict[str, dict[str, bytes]]:
    """Notes by key: of requests whose ids begin alike, and of those that showed the same the first has it, the
    others its id."""
    found: dict[str, dict[str, bytes]] = {}
    first: dict[tuple[str, tuple[str, ...]], str] = {}
    for request_id, urls in shown.items():
        key = _key(request_id)
        known = first.setdefault((key, urls), request_id)
        found.setdefault(key, {})[request_id] = orjson.dumps(urls) if known == request_id else known.encode()
    return found


def _key(request_id: str) -> str:
    return f"SHOWN_{request_id[:ALIKE]}"
