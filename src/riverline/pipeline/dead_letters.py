"""The dead letters as one queue: what waits, what was sent again and how that ended.

The topic holds the records, for as long as Kafka keeps them; the catalogue has one letter for each record that failed
first, whatever became of its replays: a replay names that record (`replay_of`), so a replay that dies again is the same
letter. A letter is settled by the fates: when the newest record of its page did not die and is newer than what failed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from riverline.errors import Invalid
from riverline.model import Fate, Origin, Page
from riverline.pipeline.contracts import (
    TOPIC_NAME,
    Buried,
    DeadLetter,
    DeadLetterCatalogue,
    LetterQuery,
    LetterState,
    PageLog,
    Raw,
)
from riverline.pipeline.records import failure_of, page_of
from riverline.search.contracts import FateStore

SLICE = 200  # records or letters that are handled at a time
NEAR = 200  # records between two chosen ones that are rather read than skipped: a new reader costs more
REVIEW_MS = 10_000  # an unsettled letter is compared with the fates so often
LONGEST_PLACE, LONGEST_URL, LONGEST_STAGE, LONGEST_ERROR = 300, 8_191, 64, 2_000  # characters that are kept
MOST_ATTEMPTS = 1_000_000  # that are counted of one failure
LATEST = 253_402_300_799_999  # the last millisecond of the year 9999
AGAIN = (LetterState.WAITING, LetterState.SENT, LetterState.DISMISSED)  # what may be sent: never what is settled


@dataclass(frozen=True, slots=True)
class Sent:
    """A letter that was to be sent again, and to which topic; `sent` is false where its record is gone or no page."""

    letter: DeadLetter
    topic: str
    sent: bool


class DeadLetterQueue:
    """Thread-safe if its stores are. All raise Transient when a server is away."""

    def __init__(
        self, log: PageLog, index: FateStore, catalogue: DeadLetterCatalogue, topic: str, now_ms: Callable[[], int]
    ) -> None:
        self.catalogue = catalogue
        self._log, self._index, self._topic, self._now_ms = log, index, topic, now_ms

    def catch_up(self) -> None:
        """Takes what is new in the topic into the catalogue, and settles what was processed meanwhile. Several
        processes may do so at once."""
        for (_, partition), (first, end) in self._log.ends([self._topic]).items():
            self._follow(partition, first, end)
        while self._review(SLICE):
            pass

    def _follow(self, partition: int, first: int, end: int) -> None:
        known = self.catalogue.position(partition)
        if known > end:  # the topic was created again
            self.catalogue.restart(partition)
            known = 0
        if first > 0:
            self.catalogue.forget(partition, first)
        for start in range(max(known, first), end, SLICE):
            stop = min(start + SLICE, end)
            found = [buried(record) for record in self._log.raw(self._topic, partition, start, stop)]
            if not self.catalogue.add(partition, start, stop, found):
                return

    def _review(self, limit: int) -> bool:
        """If there may be more to review."""
        now = self._now_ms()
        letters = self.catalogue.unreviewed(now - REVIEW_MS, limit)
        self._settle(letters)
        self.catalogue.review([letter.id for letter in letters], now)
        return len(letters) == limit

    def _settle(self, letters: Sequence[DeadLetter]) -> list[DeadLetter]:
        """Marks those that the fates settle. Returns the others."""
        if not letters:
            return []
        latest = self._index.latest_fates({letter.url for letter in letters})
        own = self._index.fates_of({letter.origin for letter in letters})
        done = [letter for letter in letters if is_settled(letter, latest, own)]
        self.catalogue.mark(done, LetterState.SETTLED, self._now_ms())
        settled = {letter.id for letter in done}
        return [letter for letter in letters if letter.id not in settled]

    def letters(self, states: Collection[LetterState]) -> Iterator[DeadLetter]:
        """All letters that are in one of these states, as the catalogue has them, the newest first."""
        for state in states:
            before: int | None = None
            while found := self.catalogue.page(LetterQuery(state, before=before, limit=SLICE)):
                yield from found
                before = found[-1].id

    def at(self, places: Collection[tuple[int, int]]) -> list[DeadLetter]:
        """The letters whose newest copies stand at these places of the topic, as of now."""
        self.catch_up()
        return self.catalogue.at(places)

    def send_again(self, letters: Sequence[DeadLetter], dry: bool = False) -> Iterator[Sent]:
        """Sends letters through the topology again, without those that are settled. They are marked once the brokers
        have them: a process that is killed between the two sends them twice, which changes nothing."""
        open_ones = [letter for letter in letters if letter.state in AGAIN]
        for start in range(0, len(open_ones), SLICE):
            chosen = self._settle(open_ones[start : start + SLICE])
            steps = [self._send(letter, page, dry) for letter, page in self._pages(chosen)]
            if not dry:
                self._log.flush()
                sent = [step.letter for step in steps if step.sent]
                self.catalogue.mark(sent, LetterState.SENT, self._now_ms())
            yield from steps

    def _send(self, letter: DeadLetter, page: Page | None, dry: bool) -> Sent:
        topic = Origin.parse(letter.root).topic
        if page is None or topic == self._topic:  # a record that does not say where it came from
            return Sent(letter, topic, sent=False)
        if not dry:
            self._log.append(topic, replace(page, replay_of=letter.root))
        return Sent(letter, topic, sent=not dry)

    def _pages(self, letters: Sequence[DeadLetter]) -> Iterator[tuple[DeadLetter, Page | None]]:
        """Each letter with its page, if the topic still holds one, in the order of the topic."""
        by_place = {(letter.partition, letter.offset): letter for letter in letters}
        found: dict[tuple[int, int], Page | None] = {}
        for partition, start, stop in runs(by_place):
            for record in self._log.raw(self._topic, partition, start, stop):
                if (partition, record.offset) in by_place:
                    found[partition, record.offset] = _page(record)
        return ((by_place[place], found.get(place)) for place in sorted(by_place))

    def dismiss(self, letters: Sequence[DeadLetter]) -> int:
        """Dismisses these. Returns how many were marked: those that wait or were sent again."""
        chosen = [letter for letter in letters if letter.state in (LetterState.WAITING, LetterState.SENT)]
        return self.catalogue.mark(chosen, LetterState.DISMISSED, self._now_ms())


def is_settled(letter: DeadLetter, latest: Mapping[str, Fate], own: Mapping[str, Fate]) -> bool:
    """`latest`: the newest fate by address; `own`: fates by record. What the index does not know yet settles nothing.
    A tie neither: both may be the fate of one record."""
    newest, failed = latest.get(letter.url), own.get(letter.origin)
    if newest is None or failed is None:
        return False
    if letter.failed_at is not None and (failed.url != letter.url or failed.at > letter.failed_at):
        # the topic was created again, and another record has this place: what failed is older than its failure
        failed = Fate(letter.origin, "dead", letter.url, at=letter.failed_at)
    return failed.outcome != "dead" or (newest.outcome != "dead" and _is_newer(newest, failed))


def _is_newer(fate: Fate, other: Fate) -> bool:
    """Whether it is of a later fetch, or of a later record of the same. Fates that do not say of which fetch they are
    were written by an older version."""
    if fate.fetched_at and other.fetched_at:
        return (fate.fetched_at, fate.at) > (other.fetched_at, other.at)
    return fate.at > other.at


def buried(record: Raw) -> Buried:
    """What the catalogue takes of a record of the dead letters; of one that nobody can read, its own place."""
    here = str(Origin(record.topic, record.partition, record.offset))
    url = (record.key or b"").decode(errors="replace")[:LONGEST_URL]
    try:
        failure = failure_of(record)
        origin = _place(str(failure.origin))
    except Invalid as error:
        return Buried(here, here, url, record.partition, record.offset, error=str(error)[:LONGEST_ERROR])
    return Buried(
        root=root_of(record, origin),
        origin=origin,
        url=url,
        partition=record.partition,
        offset=record.offset,
        stage=failure.stage[:LONGEST_STAGE],
        error=failure.error[:LONGEST_ERROR],
        attempts=min(failure.attempts, MOST_ATTEMPTS),
        failed_at=failure.failed_at if failure.failed_at <= LATEST else None,
    )


def root_of(record: Raw, origin: str) -> str:
    """The record that failed first: what the failed one was a replay of, or itself."""
    named = dict(record.headers or ()).get("replay_of", b"").decode(errors="replace")
    try:
        return _place(str(Origin.parse(named))) if named else origin
    except (ValueError, Invalid):
        return origin


def _place(origin: str) -> str:
    """Raises Invalid where no record can stand: we did not write it."""
    if len(origin) > LONGEST_PLACE or not TOPIC_NAME.match(Origin.parse(origin).topic):
        raise Invalid(f"{origin[:100]!r} is not the position of a record", "bad_record")
    return origin


def runs(places: Iterable[tuple[int, int]]) -> list[tuple[int, int, int]]:
    """Spans (partition, start, stop) that hold all the places and little else."""
    found: list[tuple[int, int, int]] = []
    for partition, offset in sorted(places):
        if found and found[-1][0] == partition and offset - found[-1][2] < NEAR:
            found[-1] = (partition, found[-1][1], offset + 1)
        else:
            found.append((partition, offset, offset + 1))
    return found


def _page(record: Raw) -> Page | None:
    try:
        return page_of(record)
    except Invalid:
        return None
