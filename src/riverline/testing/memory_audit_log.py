"""The trail, and what was taken down, in this process's memory: the twins of `adapters/mysql/audit_log.py` and
`adapters/mysql/take_downs.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from riverline.accounts.contracts import AuditEntry, TakenDown
from riverline.errors import NotFound


class MemoryAuditLog:
    """Not thread-safe."""

    def __init__(self, now_ms: Callable[[], int] = lambda: 0) -> None:
        self._now_ms = now_ms
        self._entries: list[AuditEntry] = []
        self._last = 0

    def add(self, actor: str, action: str, subject: str, reason: str = "") -> None:
        self._last += 1
        self._entries.append(AuditEntry(self._last, self._now_ms(), actor, action, subject, reason))

    def newest(self, before: int, limit: int, action: str = "") -> list[AuditEntry]:
        found = [one for one in self._entries if one.action.startswith(action) and (not before or one.id < before)]
        return found[::-1][:limit]

    def forget(self, before_ms: int) -> int:
        kept = [one for one in self._entries if one.at >= before_ms]
        gone = len(self._entries) - len(kept)
        self._entries = kept
        return gone


class MemoryTakeDowns:
    """Not thread-safe."""

    def __init__(self, now_ms: Callable[[], int] = lambda: 0) -> None:
        self._now_ms = now_ms
        self._held: dict[tuple[str, str], TakenDown] = {}
        self._last = 0

    def add(self, kind: str, subject: str, reason: str) -> TakenDown:
        if held := self._held.get((kind, subject)):
            self._held[kind, subject] = replace(held, reason=reason, at=self._now_ms())
        else:
            self._last += 1
            self._held[kind, subject] = TakenDown(self._last, kind, subject, reason, self._now_ms())
        return self._held[kind, subject]

    def remove(self, take_down_id: int) -> TakenDown:
        for place, held in self._held.items():
            if held.id == take_down_id:
                return self._held.pop(place)
        raise NotFound("nothing like that was taken down")

    def all(self) -> list[TakenDown]:
        return sorted(self._held.values(), key=lambda one: -one.id)
