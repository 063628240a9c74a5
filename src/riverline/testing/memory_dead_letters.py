"""The in-memory twin of `MysqlDeadLetters`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace

from riverline.pipeline.contracts import UNSETTLED, Buried, DeadLetter, LetterQuery, LetterState


class MemoryDeadLetters:
    """Not thread-safe."""

    def __init__(self) -> None:
        self._letters: dict[int, DeadLetter] = {}
        self._positions: dict[int, int] = {}
        self._reviewed: dict[int, int] = {}
        self._last = 0

    def position(self, partition: int) -> int:
        return self._positions.get(partition, 0)

    def add(self, partition: int, start: int, stop: int, buried: Sequence[Buried]) -> bool:
        if self.position(partition) > start:
            return False
        for one in buried:
            self._take(one)
        self._positions[partition] = stop
        return True

    def _take(self, one: Buried) -> None:
        known = next((letter for letter in self._letters.values() if one.root in (letter.root, letter.origin)), None)
        if known is None:
            self._last += 1
            made = DeadLetter(
                self._last, one.root, one.origin, one.url, one.partition, one.offset, one.stage, one.error, one.attempts
            )
            self._letters[self._last] = replace(made, failed_at=one.failed_at)
            return
        moved = replace(known, partition=one.partition, offset=one.offset)
        if (known.origin, known.url) != (one.origin, one.url):
            moved = replace(
                moved,
                origin=one.origin,
                url=one.url,
                stage=one.stage,
                error=one.error,
                attempts=known.attempts + one.attempts,
                failures=known.failures + 1,
                failed_at=one.failed_at,
                state=LetterState.WAITING,
            )
        self._letters[known.id] = moved

    def forget(self, partition: int, before: int) -> None:
        gone = [one.id for one in self._letters.values() if one.partition == partition and one.offset < before]
        for letter_id in gone:
            del self._letters[letter_id]

    def restart(self, partition: int) -> None:
        self.forget(partition, 1 << 62)
        self._positions.pop(partition, None)

    def page(self, query: LetterQuery) -> list[DeadLetter]:
        found = (self._letters[letter_id] for letter_id in sorted(self._letters, reverse=True))
        return [one for one in found if _is_asked_for(one, query)][: query.limit]

    def at(self, places: Collection[tuple[int, int]]) -> list[DeadLetter]:
        wanted = set(places)
        return [one for one in self._letters.values() if (one.partition, one.offset) in wanted]

    def unreviewed(self, before_ms: int, limit: int) -> list[DeadLetter]:
        found = [one for one in self._letters.values() if one.state in UNSETTLED]
        waiting = [one for one in found if self._reviewed.get(one.id, 0) < before_ms]
        return sorted(waiting, key=lambda one: self._reviewed.get(one.id, 0))[:limit]

    def review(self, ids: Collection[int], at_ms: int) -> None:
        self._reviewed |= {one: max(at_ms, self._reviewed.get(one, 0)) for one in ids}

    def mark(self, chosen: Sequence[DeadLetter], state: LetterState, at_ms: int) -> int:
        marked = 0
        for one in chosen:
            now = self._letters.get(one.id)
            if now is not None and (now.origin, now.state) == (one.origin, one.state):
                self._letters[one.id] = replace(now, state=state, state_at=at_ms)
                marked += 1
        return marked

    def counts(self) -> dict[LetterState, int]:
        found = Counter(one.state for one in self._letters.values())
        return {state: found[state] for state in LetterState}

    def newest(self) -> int:
        return max(self._letters, default=0)

    def waiting_after(self, letter_id: int) -> int:
        return sum(one.id > letter_id and one.state is LetterState.WAITING for one in self._letters.values())


def _is_asked_for(one: DeadLetter, query: LetterQuery) -> bool:
    return (
        (query.state is None or one.state is query.state)
        and (query.partition is None or one.partition == query.partition)
        and (query.before is None or one.id < query.before)
        and query.stage in ("", one.stage)
        and one.error.startswith(query.reason)
        and query.url in one.url
    )
