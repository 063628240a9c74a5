"""How the stages of the topology are doing: what each task reports, and what follows for its stage. Pure.

A task's state is one JSON object: totals since the task started, the values of the moment, times in buckets, and what
happened lately, so that one state suffices for rates and percentiles.
"""

from __future__ import annotations

import contextlib
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from itertools import groupby, zip_longest
from typing import Any

import orjson

BOUNDS = tuple(float(f"{10 ** (n / 4):.2g}") for n in range(-16, 9))  # seconds: 0.1 ms to 100 s
STAGES = ("pages", "deduplicate", "parse", "tag", "index")  # as Storm knows them
FRESH_MS = 30_000  # a task that has said nothing for so long is not there


@dataclass(frozen=True, slots=True)
class Seconds:
    """Times in buckets. `buckets[n]` counts those in (BOUNDS[n - 1], BOUNDS[n]]; the last one those above all."""

    count: int = 0
    sum: float = 0.0
    buckets: tuple[int, ...] = (0,) * (len(BOUNDS) + 1)

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Seconds:
        return cls(values["count"], values["sum"], tuple(values["buckets"]))

    def __add__(self, other: Seconds) -> Seconds:
        pairs = zip_longest(self.buckets, other.buckets, fillvalue=0)
        return Seconds(self.count + other.count, self.sum + other.sum, tuple(a + b for a, b in pairs))

    def __sub__(self, earlier: Seconds) -> Seconds:
        pairs = zip_longest(self.buckets, earlier.buckets, fillvalue=0)
        return Seconds(self.count - earlier.count, self.sum - earlier.sum, tuple(a - b for a, b in pairs))

    @property
    def mean(self) -> float | None:
        return self.sum / self.count if self.count else None

    def quantile(self, share: float) -> float | None:
        """The time that a share (0 to 1) of all stays within, evenly spread in its bucket; at most the last bound."""
        wanted, below = share * self.count, 0
        for place, inside in enumerate(self.buckets[: len(BOUNDS)]):
            if inside and below + inside >= wanted:
                low = BOUNDS[place - 1] if place else 0.0
                return low + (BOUNDS[place] - low) * max(wanted - below, 0) / inside
            below += inside
        return BOUNDS[-1] if self.count else None


def bucket(seconds: float) -> int:
    """The place of a time among the buckets."""
    return bisect_left(BOUNDS, seconds)


@dataclass(frozen=True, slots=True)
class StageState:
    """One task's report. `at`: ms since 1970."""

    component: str
    task: int
    at: int
    host: str = ""
    pid: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)  # since the task started
    gauges: Mapping[str, float] = field(default_factory=dict)
    seconds: Mapping[str, Seconds] = field(default_factory=dict)  # since the task started
    rates: Mapping[str, float] = field(default_factory=dict)  # of the counts, a second, over the last 30 s
    minute: Mapping[str, Seconds] = field(default_factory=dict)  # of the seconds, the last minute alone

    def packed(self) -> bytes:
        """JSON."""
        return orjson.dumps(asdict(self))

    @classmethod
    def unpacked(cls, data: bytes) -> StageState:
        """Raises ValueError, TypeError, KeyError or AttributeError for what is none."""
        values = orjson.loads(data)
        for name in ("seconds", "minute"):
            values[name] = {key: Seconds.of(one) for key, one in values.get(name, {}).items()}
        return cls(**values)


def fresh_states(packed: Iterable[bytes], now_ms: int) -> list[StageState]:
    """The states among these that are young enough; what is none, or of another version of the program, is not told."""
    states = []
    for data in packed:
        with contextlib.suppress(ValueError, TypeError, KeyError, AttributeError):
            state = StageState.unpacked(data)
            if state.component in STAGES and abs(now_ms - state.at) <= FRESH_MS:
                states.append(state)
    return states


@dataclass(frozen=True, slots=True)
class StageProgress:
    """A stage, all its tasks together. Rates are a second over the last 30 s, times those of the last minute."""

    name: str
    tasks: int
    rate: float
    done_rate: float
    error_rate: float
    latency_ms: float | None
    p99_ms: float | None
    in_flight: int
    lag: int | None
    errors: int
    retries: int
    dead: int
    at: int


def progress(states: Iterable[StageState]) -> list[StageProgress]:
    """The stages that tell something, in the order of a page's way."""
    ordered = sorted(states, key=lambda state: (STAGES.index(state.component), state.task))
    return [_progress(name, list(tasks)) for name, tasks in groupby(ordered, key=lambda state: state.component)]


def _progress(name: str, tasks: list[StageState]) -> StageProgress:
    def total(*names: str) -> int:
        return sum(task.counts.get(one, 0) for task in tasks for one in names)

    def rate(*names: str) -> float:
        return round(sum(task.rates.get(one, 0.0) for task in tasks for one in names), 3)

    times = sum((task.minute.get("tuple", Seconds()) for task in tasks), Seconds())
    lags = [int(task.gauges["lag"]) for task in tasks if "lag" in task.gauges]
    return StageProgress(
        name,
        len(tasks),
        rate=rate("emitted", "in"),
        done_rate=rate("acked", "done"),
        error_rate=rate("failed", "polling_errors"),
        latency_ms=_ms(times.mean),
        p99_ms=_ms(times.quantile(0.99)),
        in_flight=int(sum(task.gauges.get("in_flight", 0) for task in tasks)),
        lag=sum(lags) if lags else None,
        errors=total("failed", "polling_errors"),
        retries=total("retries", "retried"),
        dead=total("dead"),
        at=max(task.at for task in tasks),
    )


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 3)
