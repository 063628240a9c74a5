"""Asks all sources in parallel: one that is away or slow does not hold up the others."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field

from riverline.monitoring.sample import Sample, series

DEADLINE = 4.5  # seconds that the sources have for a sample
LONGEST_REASON = 300

Values = Mapping[str, float]


@dataclass(frozen=True)
class SourceReading:
    """What a source says. `down`: servers that are away, as far as it knows, with the reason."""

    values: Values
    down: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Source:
    """`read` may take long and may raise anything. It is asked every so many seconds; between, its last word counts."""

    name: str
    every: float
    read: Callable[[], SourceReading]


@dataclass
class _Asked:
    at: float = float("-inf")
    answer: Future[SourceReading] | None = None
    known: SourceReading | None = None
    why: str = "not asked yet"


class Sampler:
    """Not thread-safe. Its threads are as many as there are sources."""

    def __init__(
        self,
        sources: Sequence[Source],
        now_ms: Callable[[], int],
        deadline: float = DEADLINE,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sources, self._now_ms, self._deadline, self._monotonic = sources, now_ms, deadline, monotonic
        self._asked = {source.name: _Asked() for source in sources}
        self._pool = ThreadPoolExecutor(max(1, len(sources)), "source")

    def sample(self) -> Sample:
        """The newest of every source; after `deadline` seconds at the latest."""
        began = self._monotonic()
        for source in self._sources:
            self._ask(source, began)
        pending = [asked.answer for asked in self._asked.values() if asked.answer]
        wait(pending, self._deadline)
        for asked in self._asked.values():
            self._hear(asked)
        return self._merged(self._monotonic() - began)

    def _ask(self, source: Source, now: float) -> None:
        asked = self._asked[source.name]
        # A question that still hangs is not asked again: threads stay as many as there are sources.
        if asked.answer is None and now - asked.at >= source.every - 0.5:
            asked.at = now
            asked.answer = self._pool.submit(source.read)

    def _hear(self, asked: _Asked) -> None:
        if asked.answer is None:
            return
        if not asked.answer.done():
            asked.known, asked.why = None, f"no answer within {self._deadline:g} s"
            return
        error = asked.answer.exception()
        asked.known = None if error else asked.answer.result()
        asked.why = _reason(error) if error else ""
        asked.answer = None

    def _merged(self, seconds: float) -> Sample:
        values: dict[str, float] = {"sample_seconds": seconds}
        down: dict[str, str] = {}
        for name, asked in self._asked.items():
            values[series("answers", name)] = 1.0 if asked.known else 0.0
            if asked.known:
                values.update(asked.known.values)
                down.update(asked.known.down)
            else:
                down[f"source {name}"] = asked.why
        return Sample(self._now_ms(), values, down)

    def close(self) -> None:
        """Waits for no one."""
        self._pool.shutdown(wait=False, cancel_futures=True)


def _reason(error: BaseException) -> str:
    kind, text = type(error).__name__, " ".join(str(error).split())
    return (text if text.startswith(kind) else f"{kind}: {text}")[:LONGEST_REASON]
