"""What somebody has typed so far, and what it may become. Hangul is compared letter by letter, as it is typed:
`하` is on the way to `한강`, and so are `ㅎㄱ`, its initial consonants. Pure.

Syllables are taken apart by their places in Unicode (the standard, 3.12), compound letters into what keys make them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

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
LONGEST = 60  # letters compared
MOST_STARTS = 6  # words of a text that what was typed may be the beginning of


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A text that begins as typed, or one of whose words does."""

    text: str
    kind: str  # query, title, tag


def letters(text: str) -> str:
    """The text in the letters that are typed for it, without spaces and in lower case."""
    folded = unicodedata.normalize("NFC", text).lower()
    return "".join(_letters(c) for c in folded if c.isalnum()).translate(COMPOUND)[:LONGEST]


def initials(text: str) -> str:
    """The initial consonants of its syllables; other letters as they are."""
    folded = unicodedata.normalize("NFC", text).lower()
    return "".join(_letters(c)[:1] for c in folded if c.isalnum()).translate(COMPOUND)[:LONGEST]


def starts(text: str) -> list[str]:
    """What may be typed for a text: from its beginning, and from each of its first words on."""
    words = text.split()
    return list(dict.fromkeys(_starts(words)))


def begins(text: str, typed: str) -> bool:
    """If what was typed, in letters, is on the way to it."""
    return bool(typed) and any(start.startswith(typed) for start in starts(text))


def _starts(words: list[str]) -> Iterator[str]:
    for place in range(min(len(words), MOST_STARTS)):
        rest = " ".join(words[place:])
        yield letters(rest)
        if any(FIRST <= ord(c) <= LAST for c in words[place]):
            yield initials(rest)


def _letters(char: str) -> str:
    place = ord(char) - FIRST
    if not 0 <= place <= LAST - FIRST:
        return char
    initial, rest = divmod(place, VOWELS * FINALS)
    vowel, final = divmod(rest, FINALS)
    return INITIAL_LETTERS[initial] + VOWEL_LETTERS[vowel] + FINAL_LETTERS[final]


def suggested(title: str, tags: tuple[str, ...], typed: str) -> Iterator[Suggestion]:
    """What of a document is to be suggested."""
    yield from (Suggestion(tag, "tag") for tag in tags if begins(tag, typed))
    if begins(title, typed):
        yield Suggestion(title, "title")
