"""Which analysers can read a word, judged by its letters: a query's language is never assumed."""

from __future__ import annotations

import re

_HANGUL = re.compile(r"[\u1100-\u11ff\u3130-\u318f\uac00-\ud7a3]")
_HAN_OR_KANA = re.compile(r"[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")

# What the analyser `en` drops; said here too so that such words are not required of a document.
ENGLISH_STOP_WORDS = frozenset(
    (
        *("a", "an", "and", "are", "as", "at", "be", "but", "by", "for", "if", "in", "into", "is", "it", "no", "not"),
        *("of", "on", "or", "such", "that", "the", "their", "then", "there", "these", "they", "this", "to", "was"),
        *("will", "with"),
    )
)


def analysers(word: str) -> tuple[str, ...]:
    """The analysers to ask for this word.

    Latin words are asked of `ko` as well: in Korean text they carry particles (`Kafka를`), which nori alone takes off.
    """
    if has_hangul(word):
        return ("ko", "std", "en") if _LATIN.search(word) else ("ko", "std")
    if _HAN_OR_KANA.search(word):
        return ("cjk", "ko")
    return ("en", "ko") if _LATIN.search(word) else ("std", "ko")


def has_hangul(text: str) -> bool:
    """Is there a Hangul syllable or letter in it?"""
    return _HANGUL.search(text) is not None


def is_stop_word(word: str) -> bool:
    """Is it an English word that says nothing alone?"""
    return word.lower() in ENGLISH_STOP_WORDS
