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
from enum import Enum
from typing import Generic, TypeVar

R = TypeVar("R")
STALE_SHARE = 0.5  # of the message timeout: a copy that has waited for so long is not worked on any more
Place = tuple[str, int]  # topic, partition


class Partition:
    """One partition: which offsets are out, and the position before which all are done."""

    def __init__(self, position: int, incarnation: int = 0) -> None:
        self.position = position  # the next offset that is not known to be done
        self.incarnation = incarnation  # which of the partitions that had this name, one after the other
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
        """Another consumer has committed further on: what lies below counts as done."""
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
class InFlight(Generic[R]):
    """A record on its way. `id` names it among all that this process has sent, `origin` its place in Kafka."""

    id: str
    origin: str
    place: Place
    offset: int
    record: R
    size: int = 0
    attempt: int = 1  # failures that were its own fault, and one
    sendings: int = 0
    copies: int = 0  # that may be in the memory of some bolt
    sent_at: float = 0.0


class FailureKind(Enum):
    """What a failure says, by how long after the sending it comes."""

    FAULT = "fault"  # a step could not be taken: it counts as an attempt
    STALE = "stale"  # a bolt dropped a copy that had waited for too long
    LOST = "lost"  # Storm has waited for too long; the copy may live on


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How failures are met. Times in seconds.

    Storm does not say why a tuple failed. A step fails at once or not at all, and what waits for half of the message
    timeout is dropped by the bolts unworked (bolts/base.py): so the time tells.
    """

    first_pause: float = 0.5
    longest_pause: float = 30.0
    timeout: float = 60.0  # Storm's message timeout

    def failure(self, age: float) -> FailureKind:
        """What a failure says that comes so long after the sending."""
        if age < 0.9 * STALE_SHARE * self.timeout:
            return FailureKind.FAULT
        return FailureKind.STALE if age < 0.95 * self.timeout else FailureKind.LOST

    def pause(self, failure: FailureKind, attempt: int) -> float:
        """Before a record is sent again."""
        if failure is not FailureKind.FAULT:
            return 0.0  # it has waited for long enough
        return float(min(self.longest_pause, self.first_pause * 2 ** min(attempt - 1, 16)))


@dataclass
class OffsetTracker(Generic[R]):
    """Every partition of one spout. Not thread-safe; times are of one monotonic clock, in seconds."""

    retry_policy: RetryPolicy = field(default_factory=RetryPolicy)
    cap: int = 1024  # offsets held per partition before no more are taken from it; retries go on
    _partitions: dict[Place, Partition] = field(default_factory=dict)
    _in_flight: dict[str, InFlight[R]] = field(default_factory=dict)
    _waiting: list[tuple[float, int, InFlight[R]]] = field(default_factory=list)
    _committed: dict[Place, int] = field(default_factory=dict)
    _sequence: int = 0
    _incarnations: int = 0
    _bytes: int = 0
    retries: int = 0

    def follow(self, place: Place, position: int) -> int:
        """Starts with a partition at the position that is committed for it, or moves it forward to there. Returns its
        incarnation: a topic that was deleted and made again is another one, though its offsets are the same."""
        if place in self._partitions:
            self._partitions[place].forward(position)
        else:
            self._incarnations += 1
            self._partitions[place] = Partition(position, self._incarnations)
        self._committed[place] = max(position, self._committed.get(place, 0))
        return self._partitions[place].incarnation

    def forget(self, place: Place) -> None:
        """Drops a partition that was taken away, with all that is in flight or waits; answers that still come for it
        are ignored."""
        self._partitions.pop(place, None)
        self._committed.pop(place, None)
        for entry in [entry for entry in self._in_flight.values() if entry.place == place]:
            self._take_back(entry.id)
            self._release(entry)
        for _, _, entry in self._waiting:
            if entry.place == place:
                self._release(entry)
        self._waiting = [item for item in self._waiting if item[2].place != place]
        heapq.heapify(self._waiting)

    def send(
        self, place: Place, offset: int, record: R, now: float, size: int = 0, incarnation: int | None = None
    ) -> InFlight[R] | None:
        """Takes a new record of so many bytes. None if its partition is not followed, or is another incarnation than
        the one that it was read from, or the record is done or out already."""
        partition = self._partitions.get(place)
        if partition is None or incarnation not in (None, partition.incarnation) or not partition.take(offset):
            return None
        origin = f"{place[0]}-{place[1]}-{offset}"
        return self._launch(InFlight(f"{origin}/{partition.incarnation}", origin, place, offset, record, size), now)

    def due(self, now: float) -> InFlight[R] | None:
        """The next failed record whose pause is over, as in flight again."""
        if not self._waiting or self._waiting[0][0] > now:
            return None
        entry = heapq.heappop(self._waiting)[2]
        self.retries += 1
        return self._launch(entry, now)

    def ack(self, id: str) -> InFlight[R] | None:
        """Finishes a record. None for one that is not in flight any more."""
        entry = self._take_back(id)
        if entry:
            self._release(entry)
            self._partitions[entry.place].finish(entry.offset)
        return entry

    def fail(self, id: str, now: float) -> tuple[InFlight[R], FailureKind] | None:
        """Puts a record back for later, and says what its failure says; None as for `ack`."""
        entry = self._take_back(id)
        if entry is None:
            return None
        failure = self.retry_policy.failure(now - entry.sent_at)
        pause = self.retry_policy.pause(failure, entry.attempt)
        if failure is FailureKind.FAULT:
            entry.attempt += 1
        if failure is not FailureKind.LOST:
            entry.copies -= 1
            self._bytes -= entry.size
        self._sequence += 1
        heapq.heappush(self._waiting, (now + pause, self._sequence, entry))
        return entry, failure

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
        return len(self._in_flight)

    @property
    def waiting(self) -> int:
        return len(self._waiting)

    @property
    def bytes_in_flight(self) -> int:
        """Of every copy that a bolt may hold: those of records that Storm has given up are there until their record is
        finished."""
        return self._bytes

    def places(self) -> Iterator[Place]:
        return iter(self._partitions)

    def _launch(self, entry: InFlight[R], now: float) -> InFlight[R]:
        entry.sent_at = now
        entry.sendings += 1
        entry.copies += 1
        self._in_flight[entry.id] = entry
        self._bytes += entry.size
        return entry

    def _take_back(self, id: str) -> InFlight[R] | None:
        return self._in_flight.pop(id, None)

    def _release(self, entry: InFlight[R]) -> None:
        self._bytes -= entry.copies * entry.size
        entry.copies = 0
