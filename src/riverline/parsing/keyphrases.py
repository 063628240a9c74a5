"""Key phrases of a text: the words, and runs of up to three words, that say what it is about.

Phrases end at stop words, as in RAKE (Rose et al., 2010); the lists are jusText's. What counts is how often they are
repeated, more where they are longer or stand in the title.

Korean words carry particles, so the same noun has many endings. It is found without a dictionary, by what the text
itself shows: a beginning of words after which many different endings follow is a word (accessor variety, Feng et al.,
2004), and its syllables hold together (cohesion, as in the soynlp library).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from functools import cache

LOOKED_AT = 10_000  # characters of a text
TITLE_WEIGHT = 3
FEWEST = 3  # mentions, a title's counted thrice
LONGEST_STEM = 7  # syllables of a Korean word
COHESION = 0.3  # of a Korean word's syllables, at least
CLAUSE = re.compile(r"[^\w'’\s-]+|\s[-–—]\s|\n")
WORD = re.compile(r"[^\W_][\w'’-]*[^\W_]|[^\W_]")
HANGUL = re.compile(r"[가-힣]{2,}")
STOPLISTS = {
    "ar": "Arabic", "bg": "Bulgarian", "ca": "Catalan", "cs": "Czech", "da": "Danish", "de": "German", "el": "Greek",
    "en": "English", "es": "Spanish", "et": "Estonian", "eu": "Basque", "fi": "Finnish", "fr": "French",
    "hr": "Croatian", "hu": "Hungarian", "id": "Indonesian", "it": "Italian", "lt": "Lithuanian", "lv": "Latvian",
    "nl": "Dutch", "no": "Norwegian_Bokmal", "pl": "Polish", "pt": "Portuguese", "ro": "Romanian", "ru": "Russian",
    "sk": "Slovak", "sl": "Slovenian", "sr": "Serbian", "sv": "Swedish", "tr": "Turkish", "uk": "Ukrainian",
    "vi": "Vietnamese",
}  # fmt: skip


def keyphrases(title: str, text: str, language: str, limit: int = 5) -> list[str]:
    """The `limit` best phrases, in the form in which they stand first; none in languages written without spaces."""
    if language == "ko":
        return _korean(title, text[:LOOKED_AT])[:limit]
    return _phrases(title, text[:LOOKED_AT], _stop_words(language))[:limit] if language in STOPLISTS else []


@cache
def _stop_words(language: str) -> frozenset[str]:
    from justext import get_stoplist

    return frozenset(get_stoplist(STOPLISTS[language]))


def _phrases(title: str, text: str, stop_words: frozenset[str]) -> list[str]:
    sources = [(TITLE_WEIGHT, _clauses(title, stop_words)), (1, _clauses(text, stop_words))]
    often = _said_often(sources)
    counts: Counter[str] = Counter()
    forms: dict[str, str] = {}
    for weight, clauses in sources:
        for phrase in (phrase for words in clauses for run in _runs_of(words, often) for phrase in _phrases_in(run)):
            key = phrase.casefold()
            counts[key] += weight
            forms.setdefault(key, phrase)
    weighed = {key: count * (1 + key.count(" ")) for key, count in counts.items() if count >= FEWEST}
    return _apart([forms[key] for key in sorted(weighed, key=lambda key: -weighed[key])])


def _clauses(source: str, stop_words: frozenset[str]) -> list[list[str]]:
    """The words between stop words, a list for each piece without a break."""
    pieces: list[list[str]] = []
    for clause in CLAUSE.split(source):
        words: list[str] = []
        for word in WORD.findall(clause):
            if word.casefold() not in stop_words and not word.isdigit():
                words.append(word)
            elif words:
                pieces.append(words)
                words = []
        if words:
            pieces.append(words)
    return pieces


def _said_often(sources: list[tuple[int, list[list[str]]]]) -> frozenset[str]:
    """The words that are said often enough: no phrase with another one in it can be."""
    counts: Counter[str] = Counter()
    for weight, clauses in sources:
        for _ in range(weight):
            counts.update(word.casefold() for words in clauses for word in words)
    return frozenset(word for word, count in counts.items() if count >= FEWEST)


def _runs_of(words: list[str], often: frozenset[str]) -> Iterator[list[str]]:
    """The pieces of a clause that hold none but these words."""
    run: list[str] = []
    for word in words:
        if word.casefold() in often:
            run.append(word)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _phrases_in(words: list[str]) -> Iterator[str]:
    """Every run of one to three words; a single one has three letters at least."""
    for size in (1, 2, 3):
        for start in range(len(words) - size + 1):
            if size > 1 or len(words[start]) > 2:
                yield " ".join(words[start : start + size])


def _apart(phrases: list[str]) -> list[str]:
    """The phrases, best first, without those that repeat a part of a better one or add to it."""
    kept: list[str] = []
    for phrase in phrases:
        words = set(phrase.casefold().split())
        if not any(words & set(other.casefold().split()) for other in kept):
            kept.append(phrase)
    return kept


def _korean(title: str, text: str) -> list[str]:
    words = Counter(HANGUL.findall(text))
    words.update(dict.fromkeys(HANGUL.findall(title), TITLE_WEIGHT))
    counts, endings = _beginnings(words)
    scores = {
        stem: count * len(endings[stem]) * _cohesion(stem, counts)
        for stem, count in counts.items()
        if len(stem) > 1 and len(endings[stem]) > 1 and _cohesion(stem, counts) >= COHESION
    }
    ranked = sorted(scores, key=lambda stem: -scores[stem])
    return _without_parts(ranked, counts)


def _beginnings(words: Counter[str]) -> tuple[dict[str, int], dict[str, set[str]]]:
    """How often words begin so, and what follows: the next syllable, or "" where the word ends. Only of beginnings that
    are mentioned often enough: those that go on from others are none of them."""
    counts: dict[str, int] = {}
    left = list(words.items())
    for size in range(1, LONGEST_STEM + 1):
        level: dict[str, int] = {}
        for word, count in left:
            stem = word[:size]
            level[stem] = level.get(stem, 0) + count
        left = [(word, count) for word, count in left if level[word[:size]] >= FEWEST and len(word) > size]
        counts |= {stem: count for stem, count in level.items() if count >= FEWEST}
    endings: dict[str, set[str]] = {}
    for word in words:  # in this order they stand in the text
        for size in range(1, min(len(word), LONGEST_STEM) + 1):
            if (stem := word[:size]) not in counts:
                break
            endings.setdefault(stem, set()).add(word[size : size + 1])
    return {stem: counts[stem] for stem in endings}, endings


def _cohesion(stem: str, counts: Mapping[str, int]) -> float:
    """The geometric mean of the shares in which each next syllable follows what stands before it."""
    return float((counts[stem] / counts[stem[0]]) ** (1 / (len(stem) - 1)))


def _without_parts(ranked: list[str], counts: Mapping[str, int]) -> list[str]:
    """The stems without those that a longer one explains, and without a longer one that only adds a particle."""
    kept: list[str] = []
    for stem in ranked:
        explained = any(
            other.startswith(stem) and counts[other] > counts[stem] / 2 for other in ranked if other != stem
        )
        if not explained and not any(stem.startswith(other) for other in kept):
            kept.append(stem)
    return kept
