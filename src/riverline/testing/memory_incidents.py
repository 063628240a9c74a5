"""Incidents, silences and actions in this process's memory: the twin of `adapters/mysql/incidents.py`."""

from __future__ import annotations

import itertools
import threading
from collections.abc import Sequence

from riverline.errors import NotFound
from riverline.monitoring.contracts import Incident, ScaleAction, Silence


class MemoryIncidents:
    """Thread-safe."""

    def __init__(self) -> None:
        self._lock, self._ids = threading.Lock(), itertools.count(1)
        self._incidents: dict[tuple[str, str, int], tuple[int, Incident]] = {}
        self._silences: dict[int, Silence] = {}
        self._actions: list[ScaleAction] = []

    def save(self, incident: Incident) -> None:
        key = (incident.rule, incident.subject, incident.since)
        with self._lock:
            known = self._incidents.get(key)
            self._incidents[key] = (known[0] if known else next(self._ids), incident)

    def open(self) -> list[Incident]:
        with self._lock:
            found = [one for _, one in self._incidents.values() if not one.over_told]
        return sorted(found, key=lambda one: one.since)

    def page(self, limit: int, before: int | None = None, going_on: bool = False) -> list[tuple[int, Incident]]:
        with self._lock:
            known = sorted(self._incidents.values(), key=lambda pair: -pair[0])
        chosen = [
            (number, one)
            for number, one in known
            if (before is None or number < before) and not (going_on and one.until is not None)
        ]
        return chosen[:limit]

    def silence(self, rule: str, subject: str, until: int, reason: str) -> Silence:
        with self._lock:
            made = Silence(next(self._ids), rule, subject, until, reason)
            self._silences[made.id] = made
        return made

    def silences(self, at: int) -> list[Silence]:
        with self._lock:
            return [one for one in self._silences.values() if one.until > at]

    def unsilence(self, silence_id: int) -> None:
        with self._lock:
            if self._silences.pop(silence_id, None) is None:
                raise NotFound(f"there is no silence {silence_id}")

    def note(self, action: ScaleAction) -> None:
        with self._lock:
            self._actions.append(action)

    def actions(self, since: int, until: int) -> Sequence[ScaleAction]:
        with self._lock:
            return sorted((one for one in self._actions if since <= one.at <= until), key=lambda one: one.at)
