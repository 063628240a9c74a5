"""All words of the index with the number of documents that hold each, small enough for every process. Pure.

A document counts more for the words of its title (`word_counts.py`). A word that the language knows and no document
holds is there with the number 0: it is no error. Words are kept as keys (`keys.py`) in tries of marisa-trie: half a
million take some MB, a look-up less than a microsecond. So are, by their sounds, words that documents hold.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from heapq import nlargest

import marisa_trie
import msgpack

from riverline.errors import Invalid
from riverline.search.analysis.synonyms import PARTICLES
from riverline.search.spelling.keys import LONGEST_WORD, Writing, in_hangul, keys, writing
from riverline.search.spelling.sounds import sound
from riverline.search.spelling.word_counts import MOST_WORDS

FORM = 2  # of what is packed: another one is not read
LONGEST_KEYS = 60
_MOST = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class WordTrie:
    """The words of one writing: their keys, and for each the documents that hold it. `sounds`: the keys of the most
    frequent word of each sound."""

    trie: marisa_trie.Trie
    counts: array[int]
    sounds: marisa_trie.BytesTrie

    def documents(self, pressed: str) -> int | None:
        """How many hold the word of these keys; None if it is not known."""
        place = self.trie.get(pressed)
        return None if place is None else self.counts[place]

    def sounding(self, sounds: str) -> str:
        """The keys of the word that sounds so; empty without one."""
        return self.sounds[sounds][0].decode() if sounds in self.sounds else ""


class Dictionary:
    """Immutable: threads may share it. `documents`: of how many it was made."""

    def __init__(self, words: Mapping[Writing, WordTrie], documents: int) -> None:
        self._words, self.documents = words, documents

    def __len__(self) -> int:
        return sum(len(words.trie) for words in self._words.values())

    def of(self, kind: Writing) -> WordTrie:
        """Its words in this writing."""
        return self._words[kind]

    def holding(self, word: str) -> int | None:
        """How many documents hold the word; of a Korean word, or that with a particle. None if it is not known."""
        kind = writing(word)
        return None if kind is None else self.holding_keys(keys(word), kind)

    def holding_keys(self, pressed: str, kind: Writing) -> int | None:
        """The same of a word in keys."""
        words = self._words[kind]
        found = [words.documents(pressed)]
        if kind is Writing.HANGUL:
            found += [words.documents(pressed + particle) for particle in _PARTICLES]
        known = [count for count in found if count is not None]
        return min(sum(known), self.documents) if known else None


def made(counts: Mapping[str, int], documents: int, known: Iterable[str] = ()) -> Dictionary:
    """The dictionary of words by documents, the most frequent where there are too many. `known`: other words of the
    language, which are right though no document holds them."""
    chosen = counts.items() if len(counts) <= MOST_WORDS else nlargest(MOST_WORDS, counts.items(), lambda pair: pair[1])
    by_keys: dict[Writing, dict[str, int]] = {kind: {} for kind in Writing}
    for word, count in (*((word, 0) for word in known), *chosen):
        kind = writing(word) if 1 < len(word) <= LONGEST_WORD else None
        if kind is not None and len(pressed := keys(word)) <= LONGEST_KEYS:
            by_keys[kind][pressed] = min(by_keys[kind].get(pressed, 0) + count, _MOST)
    return Dictionary({kind: _words(found, kind) for kind, found in by_keys.items()}, documents)


def _words(found: Mapping[str, int], kind: Writing) -> WordTrie:
    trie = marisa_trie.Trie(found)
    counts = array("I", bytes(4 * len(trie)))
    for pressed, count in found.items():
        counts[trie[pressed]] = count
    return WordTrie(trie, counts, marisa_trie.BytesTrie(_sounding(found, kind)))


def _sounding(found: Mapping[str, int], kind: Writing) -> list[tuple[str, bytes]]:
    """The keys of the most frequent word of each sound."""
    best: dict[str, tuple[int, str]] = {}
    for pressed, count in found.items():
        if count and (heard := sound(pressed if kind is Writing.LATIN else in_hangul(pressed))):
            best[heard] = max(best.get(heard, (0, "")), (count, pressed))
    return [(heard, pressed.encode()) for heard, (_, pressed) in best.items()]


def packed(dictionary: Dictionary) -> bytes:
    """As it is sent to other processes."""
    words = {kind.value: _parts(dictionary.of(kind)) for kind in Writing}
    made_of: bytes = msgpack.packb({"form": FORM, "documents": dictionary.documents, "words": words})
    return made_of


def unpacked(blob: bytes) -> Dictionary:
    """Raises Invalid for what another version packed, or for something else."""
    try:
        found = msgpack.unpackb(blob)
        if found["form"] != FORM:
            raise Invalid(f"a dictionary of form {found['form']}, where {FORM} is read")
        words = {kind: _read(*found["words"][kind.value]) for kind in Writing}
        return Dictionary(words, found["documents"])
    except (ValueError, TypeError, KeyError, RuntimeError) as error:
        raise Invalid(f"not a dictionary: {error!r}") from error


def _parts(words: WordTrie) -> tuple[bytes, bytes, bytes]:
    return words.trie.tobytes(), words.counts.tobytes(), words.sounds.tobytes()


def _read(trie: bytes, counts: bytes, sounds: bytes) -> WordTrie:
    found = array("I")
    found.frombytes(counts)
    return WordTrie(marisa_trie.Trie().frombytes(trie), found, marisa_trie.BytesTrie().frombytes(sounds))


_PARTICLES = tuple(keys(particle) for particle in sorted(PARTICLES))
