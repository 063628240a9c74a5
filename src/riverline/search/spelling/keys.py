"""Words as the keys that are pressed for them: Latin letters, and Hangul on the same keys (two sets, KS X 5002). Pure.

`김치` is `rlacl`, with capital letters where shift is held. So one letter of a syllable is one key, a slip of the
finger is the same slip in both languages, and what was typed on the keyboard of the other language has the right keys.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum

from riverline.search.autocomplete import (
    COMPOUND,
    FINAL_LETTERS,
    FINALS,
    FIRST,
    INITIAL_LETTERS,
    VOWEL_LETTERS,
    VOWELS,
    letters,
)

HANGUL_OF = dict(
    zip(
        "qwertyuiopasdfghjklzxcvbnmQWERTOP",
        "ㅂㅈㄷㄱㅅㅛㅕㅑㅐㅔㅁㄴㅇㄹㅎㅗㅓㅏㅣㅋㅌㅊㅍㅠㅜㅡㅃㅉㄸㄲㅆㅒㅖ",
        strict=True,
    )
)
HANGUL_KEYS, LATIN_KEYS = "".join(HANGUL_OF), "abcdefghijklmnopqrstuvwxyz"
LONGEST_WORD = 32  # letters or syllables of what can be spelled
ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_KEY_OF = str.maketrans({letter: key for key, letter in HANGUL_OF.items()})
_JOINED = {pair: chr(code) for code, pair in COMPOUND.items()}


class Writing(Enum):
    """What a word is written in, as far as it can be spelled."""

    HANGUL = "hangul"
    LATIN = "latin"


def writing(word: str) -> Writing | None:
    """None: other letters, signs or digits are in it, or letters of both."""
    if all(_is_hangul(char) for char in word):
        return Writing.HANGUL if word else None
    return Writing.LATIN if all(char in LATIN_KEYS for char in _plain(word)) else None


def keys(word: str) -> str:
    """The keys of a word whose writing is known; capital letters and accents of Latin words are not looked at."""
    return letters(word).translate(_KEY_OF) if _is_hangul(word[:1]) else _plain(word)


def in_hangul(pressed: str) -> str:
    """What the keys give on a Korean keyboard. Letters that make no syllable stand alone."""
    shown = _SYLLABLE.sub(_syllable, pressed)
    return "".join(HANGUL_OF.get(char, char) for char in shown)


def is_whole(text: str) -> bool:
    """Syllables alone."""
    return bool(text) and all(FIRST <= ord(char) < FIRST + len(INITIAL_LETTERS) * VOWELS * FINALS for char in text)


def neighbours(key: str) -> frozenset[str]:
    """The keys around a key, and the same one with shift or without."""
    return _NEIGHBOURS.get(key, frozenset())


def _is_hangul(char: str) -> bool:
    return "가" <= char <= "힣" or "ㄱ" <= char <= "ㅣ"


def _plain(word: str) -> str:
    """Lower case without accents."""
    if word.isascii():
        return word.lower()
    parts = unicodedata.normalize("NFKD", word.lower())
    return "".join(char for char in parts if not unicodedata.combining(char))


def _of(found: str) -> str:
    return "|".join(
        "".join(char.translate(_KEY_OF) for char in pair) for pair, joined in _JOINED.items() if joined in found
    )


def _single(found: str) -> str:
    return "".join(key for key, letter in HANGUL_OF.items() if letter in found)


_VOWEL = f"[{_single(VOWEL_LETTERS)}]"
_FINAL = "".join(FINAL_LETTERS)
# A consonant before a vowel begins the next syllable, so none is the end of one there.
_SYLLABLE = re.compile(
    f"([{_single(INITIAL_LETTERS)}])({_of(VOWEL_LETTERS)}|{_VOWEL})((?:{_of(_FINAL)}|[{_single(_FINAL)}])(?!{_VOWEL}))?"
)


def _syllable(match: re.Match[str]) -> str:
    initial, vowel, final = (_letter(part or "") for part in match.groups())
    place = INITIAL_LETTERS.index(initial) * VOWELS + VOWEL_LETTERS.index(vowel)
    return chr(FIRST + place * FINALS + FINAL_LETTERS.index(final))


def _letter(pressed: str) -> str:
    written = "".join(HANGUL_OF[key] for key in pressed)
    return _JOINED.get(written, written)


def _around() -> dict[str, frozenset[str]]:
    """Rows are set off by half a key: each touches two of the row below."""
    places = {key: (row, at + row / 2) for row, line in enumerate(ROWS) for at, key in enumerate(line)}

    def near(one: str, other: str) -> bool:
        (row, at), (its_row, its_at) = places[one], places[other]
        return one != other and abs(row - its_row) <= 1 and abs(at - its_at) <= 1

    found = {key: {other for other in places if near(key, other)} for key in places}
    both = {key: {*others, *(o.upper() for o in others), key.upper()} for key, others in found.items()}
    shifted = {key.upper(): (others - {key.upper()}) | {key} for key, others in both.items()}
    return {key: frozenset(others) for key, others in {**both, **shifted}.items()}


_NEIGHBOURS = _around()
