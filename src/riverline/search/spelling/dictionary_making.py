"""Makes the dictionary of the index's words, a piece at a time, and hands it to every process through Redis.

All documents of the index are read, in the order of their ids, some seconds at a time; the progress is kept in Redis,
too. When the index has changed since, and after a rest, it starts again. If Redis loses either, it is made again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import blake2b

import msgpack

from riverline.contracts import KeyValue
from riverline.search.contracts import Vocabulary
from riverline.search.spelling.dictionary import FORM, made, packed
from riverline.search.spelling.word_counts import WordCounts, korean, with_parts

READING, DICTIONARY, VERSION, RESTING = "WORDS_READING", "WORDS", "WORDS_VERSION", "WORDS_RESTING"
KEPT_SECONDS = 14 * 86_400.0
TURN_SECONDS = 10.0
REST = 20  # times as long as the making took nothing is read after it: an index that changes all the time costs 1/20
LEAST_REST_SECONDS = 30.0
PAGE = 200  # documents of one request
ASKED = 1000  # words of one request


@dataclass(slots=True)
class Reading:
    """How far the index is read. `state`: the index's when it began, with the form of the dictionary that is made."""

    state: str
    after: str
    counted: WordCounts
    seconds: float = 0.0


class DictionaryMaking:
    """One turn at a time, in any process. `clock` counts seconds; `known`: words that are right in any case."""

    def __init__(
        self, index: Vocabulary, key_value: KeyValue, clock: Callable[[], float], known: Callable[[], Iterable[str]]
    ) -> None:
        self._index, self._key_value, self._clock, self._known = index, key_value, clock, known

    def turn(self) -> str:
        """Reads on, or publishes a dictionary. Returns what was done: `resting`, `unchanged`, `reading` or `made`.
        Raises Transient."""
        version, kept, resting = self._key_value.get([VERSION, READING, RESTING])
        if kept is not None:
            reading = _unpacked(kept)
        elif version is not None and resting is not None:
            return "resting"
        else:
            reading = Reading(f"{FORM}:{self._index.state()}", "", WordCounts())
            if version is not None and version.decode().startswith(f"{reading.state} "):
                return "unchanged"
        return self._advanced(reading)

    def _advanced(self, reading: Reading) -> str:
        begun = self._clock()
        ended = self._read(reading)
        reading.seconds += self._clock() - begun
        if not ended:
            self._key_value.put(READING, _packed(reading), KEPT_SECONDS)
            return "reading"
        self._publish(reading)
        return "made"

    def _read(self, reading: Reading) -> bool:
        """If all is read."""
        end = self._clock() + TURN_SECONDS
        while found := self._index.texts(reading.after, PAGE):
            for one in found:
                reading.counted.add(one)
            reading.after = found[-1].id
            if self._clock() >= end:
                return False
        return True

    def _publish(self, reading: Reading) -> None:
        counted = reading.counted
        asked = korean(counted.counts)
        parts = {word: its for some in _batches(asked) for word, its in zip(some, self._index.parts(some), strict=True)}
        blob = packed(made(with_parts(counted.counts, parts), counted.documents, self._known()))
        digest = blake2b(blob, digest_size=8).hexdigest()
        self._key_value.put(DICTIONARY, blob, KEPT_SECONDS)  # before its version: who sees that finds it
        self._key_value.put(VERSION, f"{reading.state} {digest}".encode(), KEPT_SECONDS)
        self._key_value.put(RESTING, b"1", max(LEAST_REST_SECONDS, REST * reading.seconds))
        self._key_value.forget(READING)


def _batches(words: list[str]) -> Iterator[list[str]]:
    return (words[start : start + ASKED] for start in range(0, len(words), ASKED))


def _packed(reading: Reading) -> bytes:
    counted = reading.counted
    blob: bytes = msgpack.packb(
        (reading.state, reading.after, reading.seconds, counted.documents, dict(counted.counts))
    )
    return blob


def _unpacked(blob: bytes) -> Reading:
    state, after, seconds, documents, counts = msgpack.unpackb(blob)
    counted = WordCounts(documents)
    counted.counts.update(counts)
    return Reading(state, after, counted, seconds)
