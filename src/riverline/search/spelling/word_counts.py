"""In how many documents each word occurs, counted as the texts are read. Pure."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from riverline.parsing.language.normalization import visible
from riverline.search.analysis.korean_parts import KoreanPart, nouns, with_particle
from riverline.search.spelling.keys import LONGEST_WORD, Writing, writing

# What people look for is named in titles and tags: a word counts there as in so many bodies more.
NAMED = 9
MOST_WORDS = 500_000  # of a dictionary
_WORD = re.compile(r"[가-힣]+|[^\W\d_가-힣]+(?:['’][^\W\d_가-힣]+)*")
_POSSESSIVE = re.compile(r"['’]s?$")


@dataclass(frozen=True, slots=True)
class Names:
    """The texts of a document: those that name it (title, tags, site, author), and the others."""

    id: str
    names: tuple[str, ...]
    texts: tuple[str, ...]


@dataclass(slots=True)
class WordCounts:
    """Words by documents. Where they become too many, those of one document are forgotten."""

    documents: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, one: Names) -> None:
        """Counts the words of a document, each once."""
        named = {word for text in one.names for word in words(text)}
        told = {word for text in one.texts for word in words(text)}
        self.documents += 1
        self.counts.update(named | told)
        for word in named:
            self.counts[word] += NAMED
        if len(self.counts) > 2 * MOST_WORDS:
            self.counts = Counter({word: count for word, count in self.counts.items() if count > 1})


def words(text: str) -> Iterator[str]:
    """The words of a text that can be spelled, folded: digits and signs part them, and so does another writing."""
    for found in _WORD.findall(visible(text).lower()):
        word = _POSSESSIVE.sub("", found)
        if 1 < len(word) <= LONGEST_WORD and writing(word) is not None:
            yield word


def korean(counts: Iterable[str]) -> list[str]:
    """Those of the words that nori is to be asked about."""
    return [word for word in counts if writing(word) is Writing.HANGUL]


def with_parts(counts: Mapping[str, int], parts: Mapping[str, Sequence[KoreanPart]]) -> dict[str, int]:
    """The counts with the nouns that Korean words are made of. A noun with a particle counts for the noun alone, and as
    it stands if the noun is of one syllable, which is too short to be spelled."""
    found: Counter[str] = Counter()
    for word, count in counts.items():
        own = parts.get(word, ())
        if len(noun := with_particle(own)) > 1:
            found[noun] += count
            continue
        found[word] += count
        for noun in {*nouns(own)} - {word}:
            found[noun] += count
    return found
