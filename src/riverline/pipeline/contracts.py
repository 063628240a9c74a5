"""The contracts of Kafka, of the catalogue of dead letters and of the store of the tasks' states. `adapters/`
implements them with real servers, `testing/` in memory; one suite in tests/contract tests both.

All of them raise Transient when the server is away or busy, and Invalid when what was given is wrong.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Protocol

from riverline.model import Origin, Page
from riverline.stages import StageState

TOPIC_PREFIX = "crawl."


TOPIC_NAME = re.compile(r"^[A-Za-z0-9._-]{1,249}$")


def topic_of(host: str) -> str:
    """The topic of a site: the host in lower case, `www.` dropped, anything but a-z, 0-9, dot and dash as `_`."""
    name = host.lower().removeprefix("www.")
    return TOPIC_PREFIX + "".join(c if c.isascii() and (c.isalnum() or c in ".-") else "_" for c in name)[:200]


@dataclass(frozen=True, slots=True)
class Record:
    """One Kafka record that holds a page."""

    origin: Origin
    timestamp: int
    page: Page


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a record went to the dead letters."""

    origin: Origin
    stage: str
    error: str
    attempts: int
    failed_at: int
    traceback: str = ""  # where in the code it failed


Done = Callable[[Exception | None], None]


class Raw(Protocol):
    """A record as a Kafka client hands it over; kafka-python's ConsumerRecord has these, among others."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: Any


class PageLog(Protocol):
    """Pages in Kafka: one topic a site, and the dead letters."""

    def append(self, topic: str, page: Page, done: Done | None = None) -> None:
        """Queues a page. `done(None)` is called, on some thread, when the brokers have acknowledged it (acks=all);
        `done(error)` when it was given up. Topics are created on first need."""

    def bury(self, page: Page, failure: Failure, done: Done | None = None) -> None:
        """Queues a record of the dead letters, in the same way."""

    def bury_raw(self, record: Raw, failure: Failure, done: Done | None = None) -> None:
        """The same for a record that holds no page: key, value and headers as they came."""

    def flush(self, timeout: float = 30.0) -> None:
        """Waits until all that is queued is acknowledged. Raises Transient when it is not after `timeout` seconds."""

    def topics(self) -> list[str]:
        """The names of the crawl topics, sorted."""

    def ends(self, topics: Sequence[str]) -> Mapping[tuple[str, int], tuple[int, int]]:
        """First and next offset of every partition of the topics."""

    def committed(self, topics: Sequence[str]) -> Mapping[tuple[str, int], int]:
        """The offsets that the topology has committed."""

    def offsets_at(self, topics: Sequence[str], timestamp: int) -> Mapping[tuple[str, int], int]:
        """For every partition of the topics, the offset of the first record that was written at that time (ms) or
        later; the next offset where there is none."""

    def raw(self, topic: str, partition: int, start: int, stop: int) -> Iterator[Raw]:
        """The records of a partition from `start` up to, without, `stop`, as they came; gaps are skipped."""

    def records_at(self, origins: Collection[Origin]) -> Iterator[Raw]:
        """The records at these places, as they came, in any order; those that are gone are left out."""

    def read(self, topic: str, partition: int, start: int, stop: int) -> Iterator[Record]:
        """The records of a partition from `start` up to, without, `stop`; gaps are skipped."""

    def close(self) -> None: ...


class Stages(Protocol):
    """What the topology's tasks say of themselves. All of it may be forgotten; callers go on without it."""

    def publish(self, state: StageState) -> None:
        """In the place of what the task said before. Raises Transient."""

    def fresh(self, now_ms: int) -> list[StageState]:
        """Those that are not older than FRESH_MS. Raises Transient."""


class LetterState(Enum):
    """How a dead letter stands."""

    WAITING = "waiting"  # until the cause is fixed and it is sent again
    SENT = "sent"  # sent again; how that ends is not known yet
    SETTLED = "settled"  # it was processed after all, or a newer record of the page was
    DISMISSED = "dismissed"  # nobody will do anything about it


UNSETTLED = (LetterState.WAITING, LetterState.SENT)  # what a later fate of the page may settle


@dataclass(frozen=True, slots=True)
class Buried:
    """A record of the dead letters as the catalogue takes it. `root`: the record that failed first, where `origin` is a
    replay of it; else the same."""

    root: str
    origin: str
    url: str
    partition: int
    offset: int
    stage: str = ""
    error: str = ""
    attempts: int = 0
    failed_at: int | None = None


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """All records of the dead letters that stem from one record of a site, as one: `attempts` in sum, the rest of the
    newest failure. `partition` and `offset`: where its newest copy stands."""

    id: int
    root: str
    origin: str
    url: str
    partition: int
    offset: int
    stage: str
    error: str
    attempts: int
    failures: int = 1
    failed_at: int | None = None
    state: LetterState = LetterState.WAITING
    state_at: int = 0


@dataclass(frozen=True, slots=True)
class LetterQuery:
    """Which dead letters, the newest first. `before`: the id of the last one of the page before. `url`: a part of the
    address; `reason`: what the error begins with."""

    state: LetterState | None = None
    partition: int | None = None
    before: int | None = None
    limit: int = 50
    stage: str = ""
    reason: str = ""
    url: str = ""


class DeadLetterCatalogue(Protocol):
    """Which dead letters there are and how each stands. The topic holds the records; this follows it by offsets."""

    def position(self, partition: int) -> int:
        """Up to which offset, without it, the partition has been read."""

    def add(self, partition: int, start: int, stop: int, buried: Sequence[Buried]) -> bool:
        """Takes the records from `start` up to, without, `stop`. False, and nothing is taken, if another process has
        meanwhile. A failure of a letter that is known makes it wait again; a copy of the same failure changes where it
        is read from, no more."""

    def forget(self, partition: int, before: int) -> None:
        """Drops the letters whose newest copy stands before that offset: the topic does not hold them any more."""

    def restart(self, partition: int) -> None:
        """Drops all of a partition: it is read anew from its beginning."""

    def page(self, query: LetterQuery) -> list[DeadLetter]:
        """Those that are asked for, by descending id."""

    def at(self, places: Collection[tuple[int, int]]) -> list[DeadLetter]:
        """Those whose newest copies stand there, (partition, offset)."""

    def unreviewed(self, before_ms: int, limit: int) -> list[DeadLetter]:
        """Unsettled ones that were not reviewed since then, those first that were longest not."""

    def review(self, ids: Collection[int], at_ms: int) -> None:
        """Notes that these were looked at; a later look stays."""

    def mark(self, chosen: Sequence[DeadLetter], state: LetterState, at_ms: int) -> int:
        """Gives letters another state, those alone that are as they were read: one that failed again meanwhile waits.
        Returns how many."""

    def counts(self) -> dict[LetterState, int]:
        """How many there are in each state."""

    def newest(self) -> int:
        """The greatest id; 0 without letters."""

    def waiting_after(self, letter_id: int) -> int:
        """How many wait that have a greater id."""
