"""Which analysers can read a word, judged by its letters: a query's language is never assumed."""

from __future__ import annotations

import re
from collections.abc import Sequence

_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
_SYLLABLES = re.compile(r"[\uac00-\ud7a3\s]+")
_HAN_OR_KANA = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")

# What the analyser `en` drops.
ENGLISH_STOP_WORDS = frozenset(
    (
        *("a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not"),
        *("of", "on", "or", "such", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was"),
        *("will", "with"),
    )
)

# Words that make a question of a query, and that pages hardly hold: rare, so that they would weigh much.
ENGLISH_FUNCTION_WORDS = frozenset(
    (
        *(
            "about",
            "am",
            "any",
            "been",
            "being",
            "can",
            "could",
            "did",
            "do",
            "does",
            "done",
            "from",
            "had",
            "has",
            "have",
        ),
        *("having", "he", "her", "his", "how", "i", "its", "just", "made", "make", "may", "me", "might", "must", "my"),
        *("our", "shall", "she", "should", "so", "some", "than", "them", "too", "us", "very", "we", "were", "what"),
        *("when", "where", "which", "who", "whom", "whose", "why", "would", "you", "your"),
    )
)
_SAY_NOTHING = ENGLISH_STOP_WORDS | ENGLISH_FUNCTION_WORDS


def analysers(word: str) -> tuple[str, ...]:
    """The analysers to ask for this word.

    Latin words are asked of `ko` as well: in Korean text they carry particles (`Kafka를`), which nori alone takes off.
    """
    if has_hangul(word):
        return ("ko", "std", "en") if _LATIN.search(word) else ("ko", "std")
    if _HAN_OR_KANA.search(word):
        return ("cjk", "ko")
    return ("en", "ko") if _LATIN.search(word) else ("std", "ko")


def language(text: str) -> str:
    """The analyser of the language that a query is in: Korean as soon as there is Hangul in it."""
    return "ko" if has_hangul(text) else analysers(text)[0]


def besides(word: str) -> tuple[str, ...]:
    """The analysers that see something of their own in this word: digits, for one, are the same to all of them."""
    spelled = has_hangul(word) or _HAN_OR_KANA.search(word) or _LATIN.search(word)
    return analysers(word) if spelled else ()


def has_hangul(text: str) -> bool:
    """Is there a Hangul syllable or letter in it?"""
    return _HANGUL.search(text) is not None


def says_something(word: str) -> bool:
    """Does it say what is looked for, rather than make a sentence of the others?"""
    return word.lower() not in _SAY_NOTHING


def telling(words: Sequence[str]) -> list[str]:
    """The words that say what is looked for; all of them where none does ("to be or not to be")."""
    return [word for word in words if says_something(word)] or list(words)


def is_hangul(text: str) -> bool:
    """Is it written in Hangul syllables alone, spaces apart?"""
    return _SYLLABLES.fullmatch(text) is not None
