"""Corrections of a word: which candidates are tried, and which words are never corrected. Pure.

A word is right if a document holds it or the language knows it, alone or with a particle, or if it is a compound of
such words; so are short words, abbreviations, and whatever has digits or signs in it: numbers with units, hosts, code.
A word that no document holds is looked for in the other writing first, by its sound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import log

from riverline.search.analysis.synonyms import PARTICLES
from riverline.search.spelling.dictionary import Dictionary
from riverline.search.spelling.edits import slips, two_slips
from riverline.search.spelling.keys import (
    HANGUL_KEYS,
    LATIN_KEYS,
    LONGEST_WORD,
    Writing,
    in_hangul,
    is_whole,
    keys,
    writing,
)
from riverline.search.spelling.sounds import sound

MOST_WORDS = 8  # of a query
SHORTEST = {Writing.LATIN: 4, Writing.HANGUL: 2}  # letters, syllables
SHORTEST_OF_TWO = 7  # keys, from which on two of them may be wrong
SHORTEST_PART = {Writing.LATIN: 3, Writing.HANGUL: 2}
FAR_MORE = 10  # times as many documents, before a word that some hold is taken for an error
ABBREVIATION = 5  # letters in a row of capital ones
WEIGHT = 1.0  # of the frequency's logarithm beside the cost of the slips
# Nouns of one syllable that make other nouns of those before them.
SUFFIXES = frozenset(
    "길역집점장산강시군구동면리도국인어식법학과실관원소부팀층호비값용형권률율성화적들님씨꽃물밥빵죽탕국차문"
)
_ALPHABETS = {Writing.LATIN: LATIN_KEYS, Writing.HANGUL: HANGUL_KEYS}


@dataclass(frozen=True, slots=True)
class Candidate:
    """A word that may have been meant. `score`: the logarithm of how likely it is, without a measure."""

    word: str
    documents: int
    score: float


class Speller:
    """Thread-safe."""

    def __init__(self, dictionary: Dictionary) -> None:
        self.dictionary = dictionary
        # Of more documents, more have errors: a word of a few is no better than what was typed.
        self._fewest = max(1, len(str(dictionary.documents)) - 3)
        self._corrected = lru_cache(1000)(self._correction)

    def corrections(self, words: Sequence[str]) -> dict[str, str]:
        """Other words in the place of those of a query that are wrong, as far as this dictionary knows."""
        found = {word: self._corrected(word) for word in words[:MOST_WORDS]}
        return {word: other for word, other in found.items() if other}

    def proposals(self, words: Sequence[str]) -> dict[str, str]:
        """Other words than those of a query that are right, each far more frequent."""
        found = {word: self._proposal(word) for word in words[:MOST_WORDS] if self.is_right(word)}
        return {word: other for word, other in found.items() if other}

    def is_far_more_frequent(self, other: str, word: str) -> bool:
        """So much that the word may be an error though it is one."""
        fewest = FAR_MORE * max(1, self._documents(word))
        return any(self._documents(one) >= fewest for one in (other, *_stems(other)))

    def is_right(self, word: str) -> bool:
        """Rules above. What is not a word of one writing is right, too: nobody can say that it is wrong."""
        kind = writing(word)
        if kind is None or len(word) > LONGEST_WORD or len(word) < SHORTEST[kind]:
            return True
        if kind is Writing.LATIN and word.isupper() and len(word) <= ABBREVIATION:
            return True
        return self.dictionary.holding(word) is not None or self._is_compound(word, kind) or self._is_inflected(word)

    def _correction(self, word: str) -> str:
        if _is_switched(word):
            return self._switched(word)
        kind = writing(word)
        if kind is None:
            return ""
        if not self._documents(word) and (sounding := self._sounding(word, kind)):
            return sounding
        if self.is_right(word):
            return ""
        if switched := self._switched(word):
            return switched
        return self._best(word, kind, self._fewest) or self._with_particle(word, kind) or self._parted(word, kind)

    def _proposal(self, word: str) -> str:
        kind, own = writing(word), self.dictionary.holding(word)
        if kind is None or len(word) < SHORTEST[kind] or len(word) > LONGEST_WORD:
            return ""
        return self._best(word, kind, FAR_MORE * max(1, own or 0), once=True)

    def _best(self, word: str, kind: Writing, fewest: int, once: bool = False) -> str:
        """The likeliest of those that so many documents hold; empty without any."""
        pressed = keys(word)
        found = self._candidates(slips(pressed, _ALPHABETS[kind], kind), kind, fewest)
        best = max(found, key=_likelihood, default=None)
        if best is None and len(pressed) >= SHORTEST_OF_TWO and not once:
            found = self._candidates(two_slips(pressed, _ALPHABETS[kind], kind), kind, fewest)
            best = max(found, key=_likelihood, default=None)
        return best.word if best else ""

    def _candidates(self, meant: Iterable[tuple[str, float]], kind: Writing, fewest: int) -> Iterator[Candidate]:
        words = self.dictionary.of(kind)
        for pressed, cost in meant:
            documents = words.documents(pressed)
            if documents is not None and documents >= fewest:
                word = pressed if kind is Writing.LATIN else in_hangul(pressed)
                if len(word) >= SHORTEST[kind] - 1:
                    yield Candidate(word, documents, WEIGHT * log(documents) - cost)

    def _with_particle(self, word: str, kind: Writing) -> str:
        """A Korean word that is wrong before its particle."""
        if kind is Writing.HANGUL:
            for stem in _stems(word):
                if other := self._best(stem, kind, self._fewest):
                    return other + word[len(stem) :]
        return ""

    def _parted(self, word: str, kind: Writing) -> str:
        """Two Latin words whose space was left out."""
        if kind is not Writing.LATIN:
            return ""
        least = SHORTEST_PART[kind]
        found = [
            (min(first, second), f"{keys(word)[:at]} {keys(word)[at:]}")
            for at in range(least, len(word) - least + 1)
            if (first := self._documents(word[:at])) >= self._fewest
            and (second := self._documents(word[at:])) >= self._fewest
        ]
        return max(found, default=(0, ""))[1]

    def _sounding(self, word: str, kind: Writing) -> str:
        """A word of the other writing that sounds like it, as names do that were romanised."""
        other, heard = Writing.LATIN if kind is Writing.HANGUL else Writing.HANGUL, sound(word)
        found = self.dictionary.of(other).sounding(heard)
        if not found or self.dictionary.of(kind).sounding(heard):  # else it is a slip in its own writing
            return ""
        enough = (self.dictionary.of(other).documents(found) or 0) >= self._fewest
        return (found if other is Writing.LATIN else in_hangul(found)) if enough else ""

    def _documents(self, word: str) -> int:
        return self.dictionary.holding(word) or 0

    def _is_compound(self, word: str, kind: Writing) -> bool:
        """If it is made of Korean words that are known, with a suffix or a particle at most. Latin words are not made
        so, or `runningshoe` would be one."""
        if kind is not Writing.HANGUL:
            return False
        least = SHORTEST_PART[kind]
        if len(word) > least and word[-1] in SUFFIXES and self._documents(word[:-1]):
            return True
        cuts = range(least, len(word) - least + 1)
        return any(self._documents(word[:at]) and self._is_part(word[at:]) for at in cuts)

    def _is_inflected(self, word: str) -> bool:
        """A known Korean word, or a compound, with a particle."""
        return any(self._documents(stem) or self._is_compound(stem, Writing.HANGUL) for stem in _stems(word))

    def _is_part(self, word: str) -> bool:
        return bool(self._documents(word)) or self._is_compound(word, Writing.HANGUL)

    def _switched(self, word: str) -> str:
        """What the same keys give in the other language, if documents hold that."""
        if writing(word) is Writing.HANGUL:
            pressed = keys(word)
            found = len(pressed) >= SHORTEST[Writing.LATIN] or _is_switched(word)
            return pressed.lower() if found and self._documents(pressed.lower()) else ""
        for pressed in dict.fromkeys((word, word.lower())):
            text = in_hangul(pressed) if pressed.isascii() else ""
            if len(text) > 1 and is_whole(text) and (self._documents(text) or self._is_compound(text, Writing.HANGUL)):
                return text
        return ""


def _is_switched(word: str) -> bool:
    """Hangul that no word has: letters that stand alone beside syllables."""
    return writing(word) is Writing.HANGUL and not is_whole(word)


def _stems(word: str) -> list[str]:
    """What stands before the particles that a Korean word may end with, the shortest first."""
    return [word[:-length] for length in (2, 1) if len(word) > length + 1 and word[-length:] in PARTICLES]


def _likelihood(one: Candidate) -> tuple[float, int, str]:
    return one.score, one.documents, one.word
