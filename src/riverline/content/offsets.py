"""What a spout has in flight, what it may commit, and what it has to send again, and when.

The contract is that of Storm's Kafka client (external/storm-kafka-client, OffsetManager): an offset may be committed
when every record below it is done. Kafka leaves gaps (compaction, retention, transaction markers): records come in
order, so what lies between two records that came one after the other does not exist, and the commit jumps over it.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

R = TypeVar("R")
Place = tuple[str, int]  # topic, partition


class Partition:
    """One partition: which offsets are out, and the position before which all are done."""

    def __init__(self, position: int) -> None:
        self.position = position  # the next offset that is not known to be done
        self._out: deque[int] = deque()  # ascending, from `position` on, done or not
        self._done: set[int] = set()

    def take(self, offset: int) -> bool:
        """Records that an offset goes out. False if it stands below what is done or out already: not to be sent."""
        if offset < self.position or (self._out and offset <= self._out[-1]):
            return False
        if not self._out:
            self.position = offset  # nothing is between: a gap
        self._out.append(offset)
        return True

    def finish(self, offset: int) -> None:
        """Records that an offset is done. One that is not out (a late answer) changes nothing."""
        if offset < self.position:
            return
        self._done.add(offset)
        self._advance()

    def forward(self, position: int) -> None:
        """Somebody else has committed further on: what lies below counts as done."""
        while self._out and self._out[0] < position:
            self._done.discard(self._out.popleft())
        self.position = max(self.position, position)
        self._advance()

    def _advance(self) -> None:
        while self._out and self._out[0] in self._done:
            last = self._out.popleft()
            self._done.discard(last)
            self.position = last + 1
        if self._out:
            self.position = self._out[0]  # between two records that came one after the other there is nothing

    @property
    def next(self) -> int:
        """The offset behind all that went out."""
        return self._out[-1] + 1 if self._out else self.position

    @property
    def open(self) -> int:
        """How many offsets are held from the first that is not done on."""
        return len(self._out)


@dataclass(slots=True)
class Entry(Generic[R]):
    """A record on its way."""

    id: str
    place: Place
    offset: int
    record: R
    size: int = 0
    attempt: int = 1
    sent_at: float = 0.0


@dataclass(frozen=True, slots=True)
class Patience:
    """How failures are met. Times in seconds."""

    attempts: int = 5
    first_pause: float = 0.5
    longest_pause: float = 30.0
    timeout: float = 60.0  # Storm's message timeout: a failure that late is no verdict on the record

    def pause(self, attempt: int) -> float:
        return float(min(self.longest_pause, self.first_pause * 2 ** min(attempt - 1, 16)))


@dataclass
class Ledger(Generic[R]):
    """Every partition of one spout. Not thread-safe; times are of one monotonic clock, in seconds."""

    patience: Patience = field(default_factory=Patience)
    cap: int = 1024  # offsets held per partition before no more are taken from it; retries go on
    _partitions: dict[Place, Partition] = field(default_factory=dict)
    _flying: dict[str, Entry[R]] = field(default_factory=dict)
    _waiting: list[tuple[float, int, Entry[R]]] = field(default_factory=list)
    _committed: dict[Place, int] = field(default_factory=dict)
    _sequence: int = 0
    _bytes: int = 0
    retries: int = 0

    def follow(self, place: Place, position: int) -> None:
        """Starts with a partition at the position that is committed for it, or moves it forward to there."""
        if place in self._partitions:
            self._partitions[place].forward(position)
        else:
            self._partitions[place] = Partition(position)
        self._committed[place] = max(position, self._committed.get(place, 0))

    def forget(self, place: Place) -> None:
        """Drops a partition that was taken away; answers that still come for it are ignored."""
        self._partitions.pop(place, None)
        self._committed.pop(place, None)
        for id in [id for id, entry in self._flying.items() if entry.place == place]:
            self._land(id)
        self._waiting = [item for item in self._waiting if item[2].place != place]
        heapq.heapify(self._waiting)

    def send(self, place: Place, offset: int, record: R, now: float, size: int = 0) -> Entry[R] | None:
        """Takes a new record of so many bytes; None if its partition is not followed, or it is done or out already."""
        partition = self._partitions.get(place)
        if partition is None or not partition.take(offset):
            return None
        return self._fly(Entry(f"{place[0]}-{place[1]}-{offset}", place, offset, record, size), now)

    def due(self, now: float) -> Entry[R] | None:
        """The next failed record whose pause is over, as in flight again."""
        if not self._waiting or self._waiting[0][0] > now:
            return None
        entry = heapq.heappop(self._waiting)[2]
        self.retries += 1
        return self._fly(entry, now)

    def ack(self, id: str) -> Entry[R] | None:
        """Finishes a record. None for one that is not in flight any more."""
        entry = self._land(id)
        if entry and entry.place in self._partitions:
            self._partitions[entry.place].finish(entry.offset)
        return entry

    def fail(self, id: str, now: float) -> Entry[R] | None:
        """Puts a record back for later. A failure at the end of the message timeout says that something was stuck, not
        that the record is bad: it does not count as an attempt."""
        entry = self._land(id)
        if entry is None:
            return None
        timed_out = now - entry.sent_at >= 0.9 * self.patience.timeout
        pause = self.patience.first_pause if timed_out else self.patience.pause(entry.attempt)
        if not timed_out:
            entry.attempt += 1
        self._sequence += 1
        heapq.heappush(self._waiting, (now + pause, self._sequence, entry))
        return entry

    def next(self, place: Place) -> int:
        """From where a followed partition is to be read on."""
        return self._partitions[place].next

    def full(self, place: Place) -> bool:
        partition = self._partitions.get(place)
        return partition is not None and partition.open >= self.cap

    def position(self, place: Place) -> int:
        """The offset before which all is done, of a followed partition."""
        return self._partitions[place].position

    def committable(self) -> dict[Place, int]:
        """Positions that have moved since they were last said to be committed."""
        return {place: p.position for place, p in self._partitions.items() if p.position > self._committed[place]}

    def committed(self, positions: dict[Place, int]) -> None:
        for place, position in positions.items():
            if place in self._committed:
                self._committed[place] = max(position, self._committed[place])

    @property
    def in_flight(self) -> int:
        return len(self._flying)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def bytes_in_flight(self) -> int:
        return self._bytes

    def places(self) -> Iterator[Place]:
        return iter(self._partitions)

    def _fly(self, entry: Entry[R], now: float) -> Entry[R]:
        entry.sent_at = now
        self._flying[entry.id] = entry
        self._bytes += entry.size
        return entry

    def _land(self, id: str) -> Entry[R] | None:
        entry = self._flying.pop(id, None)
        self._bytes -= entry.size if entry else 0
        return entry
