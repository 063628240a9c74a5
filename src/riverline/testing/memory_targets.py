"""Targets in this process's memory: the twin of `adapters/mysql/targets.py`."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from riverline.crawl.contracts import LEASE_SECONDS, LONGEST_LEASE_SECONDS, StoredTarget
from riverline.errors import Conflict, NotFound
from riverline.model import Target


def _now_ms() -> int:
    return time.time_ns() // 1_000_000


class MemoryTargets:
    """Thread-safe. `now_ms` is its clock."""

    def __init__(self, now_ms: Callable[[], int] = _now_ms) -> None:
        self._now_ms, self._lock = now_ms, threading.RLock()
        self._entries: dict[int, StoredTarget] = {}
        self._count = 0

    def add(self, target: Target) -> StoredTarget:
        with self._lock:
            self._refuse_taken(target.name, 0)
            self._count += 1
            entry = self._entries[self._count] = StoredTarget(self._count, target, 1, self._now_ms())
            return entry

    def all(self) -> list[StoredTarget]:
        return sorted(self._entries.values(), key=lambda entry: entry.target.name)

    def get(self, name: str) -> StoredTarget:
        for entry in self._entries.values():
            if entry.target.name == name:
                return entry
        raise NotFound(f"there is no target {name}")

    def replace(self, name: str, target: Target) -> StoredTarget:
        with self._lock:
            old = self.get(name)
            self._refuse_taken(target.name, old.id)
            revision = old.revision + (old.target != target)
            new = replace(old, target=target, revision=revision, due_at=self._now_ms())
            self._entries[old.id] = new
            return new

    def remove(self, name: str) -> None:
        with self._lock:
            del self._entries[self.get(name).id]

    def claim(self, worker: str, limit: int) -> list[StoredTarget]:
        now = self._now_ms()
        with self._lock:
            due = [entry for entry in self._entries.values() if entry.target.enabled and entry.due_at <= now]
            free = [e for e in due if not now <= e.leased_until <= now + LONGEST_LEASE_SECONDS * 1000]
            taken = sorted(free, key=lambda entry: (-entry.target.priority, entry.due_at, entry.id))[:limit]
            until = now + LEASE_SECONDS * 1000
            self._entries |= {entry.id: replace(entry, worker=worker, leased_until=until) for entry in taken}
        return taken

    def renew(self, worker: str, progress: Mapping[int, Mapping[str, Any]]) -> dict[int, int]:
        until = self._now_ms() + LEASE_SECONDS * 1000
        with self._lock:
            held = [self._entries[id_] for id_ in progress if self._is_own(worker, id_)]
            held = [entry for entry in held if entry.target.enabled]
            self._entries |= {e.id: replace(e, leased_until=until, progress=dict(progress[e.id])) for e in held}
        return {entry.id: entry.revision for entry in held}

    def release(self, worker: str, ids: Sequence[int], due_in: float | None, progress: Mapping[str, Any]) -> None:
        with self._lock:
            for id_ in filter(lambda id_: self._is_own(worker, id_), ids):
                entry = replace(self._entries[id_], worker="", leased_until=0)
                if due_in is not None:
                    due_at = self._now_ms() + round(due_in * 1000)
                    entry = replace(entry, due_at=due_at, progress=dict(progress))
                self._entries[id_] = entry

    def _is_own(self, worker: str, id_: int) -> bool:
        return id_ in self._entries and self._entries[id_].worker == worker

    def _refuse_taken(self, name: str, by_other_than: int) -> None:
        if any(entry.target.name == name and entry.id != by_other_than for entry in self._entries.values()):
            raise Conflict(f"there is a target {name} already")
