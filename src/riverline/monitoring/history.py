"""The last day, thinned: a row each 30 s, ten minutes of rows in one value of the Redis Cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import orjson

from riverline.contracts import KeyValue
from riverline.monitoring.sample import Sample, split

STEP_MS = 30_000
CHUNK_MS = 600_000
KEPT_MS = 86_400_000
TOO_MANY = frozenset({"lag", "inflow", "throughput"})  # kept in sum: sites may be hundreds; of those
MOST_BEHIND = 20  # topics the lag is kept, where records wait
NOT_KEPT = frozenset({"redis_memory", "running", "answers"})

Point = tuple[int, float]


def kept(name: str) -> bool:
    """Whether the history keeps a series."""
    what, subject = split(name)
    return what not in NOT_KEPT and not (subject and what in TOO_MANY)


def kept_values(values: Mapping[str, float]) -> dict[str, float]:
    """What the history keeps of a sample, the lag of the topics that are the most behind among it."""
    behind = [name for name, value in values.items() if value > 0 and split(name)[0] == "lag" and split(name)[1]]
    most = sorted(behind, key=lambda name: (-values[name], name))[:MOST_BEHIND]
    return {name: round(value, 4) for name, value in values.items() if kept(name)} | {
        name: round(values[name], 4) for name in most
    }


class HistoryRecorder:
    """Writes the history. After a restart it goes on with the chunk that is there."""

    def __init__(self, key_value: KeyValue) -> None:
        self._key_value = key_value
        self._chunk = -1
        self._rows: list[dict[str, Any]] = []

    def add(self, sample: Sample) -> bool:
        """Keeps the sample if it is time for one. Raises Transient; then it was not kept."""
        chunk = sample.at // CHUNK_MS
        if chunk != self._chunk:
            self._rows, self._chunk = _rows(self._key_value.get([_key(chunk)])[0]), chunk
        if self._rows and sample.at // STEP_MS <= self._rows[-1]["at"] // STEP_MS:
            return False
        rows = [*self._rows, {"at": sample.at, "values": kept_values(sample.values)}]
        self._key_value.put(_key(chunk), orjson.dumps(rows), (KEPT_MS + CHUNK_MS) / 1000)
        self._rows = rows
        return True


def read(
    key_value: KeyValue, since: int, until: int, wanted: Callable[[str], bool] = lambda name: True
) -> dict[str, list[Point]]:
    """The series from `since` to `until` (ms), each as points of time and value. Raises Transient."""
    chunks = range(since // CHUNK_MS, until // CHUNK_MS + 1)
    found: dict[str, list[Point]] = {}
    for data in key_value.get([_key(chunk) for chunk in chunks]):
        for row in _rows(data):
            if since <= row["at"] <= until:
                _collect(found, row, wanted)
    return found


def _collect(found: dict[str, list[Point]], row: Mapping[str, Any], wanted: Callable[[str], bool]) -> None:
    for name, value in row["values"].items():
        if wanted(name):
            found.setdefault(name, []).append((row["at"], value))


def choice(names: Sequence[str]) -> Callable[[str], bool]:
    """Takes the series of these names: `lag`, `stage_busy/parse`, or `stage_busy/*` for all of its subjects."""
    exact = {name for name in names if not name.endswith("/*")}
    whole: Iterable[str] = tuple(name[:-1] for name in names if name.endswith("/*"))
    return lambda name: name in exact or name.startswith(tuple(whole))


def _key(chunk: int) -> str:
    return f"MONITOR_HISTORY_{chunk}"


def _rows(data: bytes | None) -> list[dict[str, Any]]:
    return orjson.loads(data) if data else []
