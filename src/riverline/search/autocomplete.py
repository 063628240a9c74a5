"""Completions of what has been typed so far. Hangul is compared letter by letter, as it is typed:
`하` is on the way to `한강`, and so are `ㅎㄱ`, its initial consonants. Pure.

Syllables are taken apart by their places in Unicode (the standard, 3.12), compound letters into what keys make them.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from heapq import nsmallest

from riverline.parsing.language.normalization import visible

FIRST, LAST, VOWELS, FINALS = 0xAC00, 0xD7A3, 21, 28
INITIAL_LETTERS = "ㄱㄲㄴㄷㄸㄹㅁㅂㅃㅅㅆㅇㅈㅉㅊㅋㅌㅍㅎ"
VOWEL_LETTERS = "ㅏㅐㅑㅒㅓㅔㅕㅖㅗㅘㅙㅚㅛㅜㅝㅞㅟㅠㅡㅢㅣ"
FINAL_LETTERS: tuple[str, ...] = ("", *"ㄱㄲㄳㄴㄵㄶㄷㄹㄺㄻㄼㄽㄾㄿㅀㅁㅂㅄㅅㅆㅇㅈㅊㅋㅌㅍㅎ")
COMPOUND = str.maketrans(
    {
        "ㅘ": "ㅗㅏ",
        "ㅙ": "ㅗㅐ",
        "ㅚ": "ㅗㅣ",
        "ㅝ": "ㅜㅓ",
        "ㅞ": "ㅜㅔ",
        "ㅟ": "ㅜㅣ",
        "ㅢ": "ㅡㅣ",
        "ㄳ": "ㄱㅅ",
        "ㄵ": "ㄴㅈ",
        "ㄶ": "ㄴㅎ",
        "ㄺ": "ㄹㄱ",
        "ㄻ": "ㄹㅁ",
        "ㄼ": "ㄹㅂ",
        "ㄽ": "ㄹㅅ",
        "ㄾ": "ㄹㅌ",
        "ㄿ": "ㄹㅍ",
        "ㅀ": "ㄹㅎ",
        "ㅄ": "ㅂㅅ",
    }
)
BASIC_PLANE = 0xFFFF
LONGEST = 60  # letters compared
MOST_STARTS = 6  # words of a text that what was typed may be the beginning of
_WORDS = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A text that begins as typed, or one of whose words does."""

    text: str
    kind: str  # query, title, tag


def letters(text: str) -> str:
    """The text in the letters that are typed for it, without spaces and in lower case."""
    return _folded(text).translate(_LETTERS)[:LONGEST]


def initials(text: str) -> str:
    """The initial consonants of its syllables; other letters as they are."""
    return _folded(text).translate(_INITIALS)[:LONGEST]


def starts(text: str) -> list[str]:
    """What may be typed for a text: from its beginning, and from each of its first words on."""
    return list(dict.fromkeys(_starts(text)))


def begins(text: str, typed: str) -> bool:
    """If what was typed, in letters, is on the way to it."""
    return bool(typed) and any(start.startswith(typed) for start in _known_starts(text))


def typed_part(text: str, typed: str) -> tuple[int, int]:
    """From which character to which the text is what was typed, in letters or initial consonants; (0, 0) if nowhere."""
    words = [match.start() for match in _WORDS.finditer(text)][:MOST_STARTS] if typed else []
    for table in (_LETTERS, _INITIALS):
        for word in words:
            start, passed = word, ""
            for end in range(word, len(text)):
                start = start if passed else end  # signs before it were not typed
                passed += text[end].lower().translate(table)
                if passed.startswith(typed):
                    return start, end + 1
                if not typed.startswith(passed):
                    break
    return 0, 0


class Beginnings:
    """Texts, to be found by what is typed on the way to them. The order in which they are given is theirs."""

    def __init__(self, texts: Iterable[str]) -> None:
        self._texts = list(texts)
        self._starts = sorted((start, place) for place, text in enumerate(self._texts) for start in starts(text))

    def of(self, typed: str, most: int) -> list[str]:
        """The first so many of those that begin as typed, in letters."""
        if not typed:
            return []
        first, last = bisect_left(self._starts, (typed,)), bisect_left(self._starts, (typed + chr(sys.maxunicode),))
        return [self._texts[place] for place in nsmallest(most, {place for _, place in self._starts[first:last]})]


@lru_cache(2048)
def _known_starts(text: str) -> tuple[str, ...]:
    """Remembered, for with each letter that is typed most of the same texts are looked at again."""
    return tuple(_starts(text))


def _starts(text: str) -> Iterator[str]:
    folded = _folded(text).split()
    words = [word.translate(_LETTERS) for word in folded]
    consonants: list[str] = []
    for place, word in enumerate(folded[:MOST_STARTS]):
        yield "".join(words[place:])[:LONGEST]
        if any(FIRST <= ord(c) <= LAST for c in word):
            consonants = consonants or [each.translate(_INITIALS) for each in folded]
            yield "".join(consonants[place:])[:LONGEST]


def _folded(text: str) -> str:
    return visible(text).lower()


class _Table(dict[int, str]):
    """For `str.translate`: what is made of each character, remembered for those of the basic plane."""

    def __init__(self, make: Callable[[str], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, code: int) -> str:
        char = chr(code)
        made = self._make(char).translate(COMPOUND) if char.isalnum() else ""
        if code <= BASIC_PLANE:
            self[code] = made
        return made


def syllable_parts(char: str) -> tuple[int, int, int]:
    """The numbers of a Hangul syllable's initial, vowel and final letter, the last one 0 without any."""
    rest, final = divmod(ord(char) - FIRST, FINALS)
    return *divmod(rest, VOWELS), final


def _letters(char: str) -> str:
    if not FIRST <= ord(char) <= LAST:
        return char
    initial, vowel, final = syllable_parts(char)
    return INITIAL_LETTERS[initial] + VOWEL_LETTERS[vowel] + FINAL_LETTERS[final]


_LETTERS, _INITIALS = _Table(_letters), _Table(lambda char: _letters(char)[0])


def suggested(title: str, tags: tuple[str, ...], typed: str) -> Iterator[Suggestion]:
    """What of a document is to be suggested."""
    yield from (Suggestion(tag, "tag") for tag in tags if begins(tag, typed))
    if begins(title, typed):
        yield Suggestion(title, "title")
