"""Which analysers can read a word, judged by its letters: a query's language is never assumed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

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
# The same in Korean: of `알려 주세요` and `관련하여` nori leaves `알리` and `관련`.
KOREAN_FUNCTION_WORDS = frozenset(
    (
        *(
            "어떻게",
            "어떤",
            "어떠한",
            "어느",
            "어디",
            "어디서",
            "어디에",
            "어디에서",
            "언제",
            "왜",
            "누가",
            "누구",
            "몇",
        ),
        *("무엇", "무엇을", "무엇이", "무엇인가요", "무슨", "뭐", "뭐가", "뭔가요", "뭔지", "뭘", "얼마", "얼마나"),
        *("알려", "알려줘", "알려줘요", "알려주세요", "주세요", "해주세요", "해줘", "가르쳐", "궁금해요", "궁금합니다"),
        *(
            "하나요",
            "하는",
            "하는지",
            "할까",
            "할까요",
            "하면",
            "해야",
            "하려면",
            "합니까",
            "인가요",
            "입니까",
            "일까요",
        ),
        *("있나요", "있는", "있는지", "있을까요", "되나요", "되는지", "될까요", "됩니까"),
        *("관련하여", "관련해", "관련해서", "관한", "대한", "대해", "대해서", "대하여", "그리고", "혹시", "좀"),
    )
)
_SAY_NOTHING = ENGLISH_STOP_WORDS | ENGLISH_FUNCTION_WORDS | KOREAN_FUNCTION_WORDS
_ENDS = "?!.,"  # of a sentence, beside its last word


@lru_cache(4096)
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


@lru_cache(4096)
def besides(word: str) -> tuple[str, ...]:
    """The analysers that see something of their own in this word: digits, for one, are the same to all of them."""
    spelled = has_hangul(word) or _HAN_OR_KANA.search(word) or _LATIN.search(word)
    return analysers(word) if spelled else ()


def has_hangul(text: str) -> bool:
    """Is there a Hangul syllable or letter in it?"""
    return not text.isascii() and _HANGUL.search(text) is not None


def says_something(word: str) -> bool:
    """Does it say what is looked for, rather than make a sentence of the others?"""
    return word.lower().rstrip(_ENDS) not in _SAY_NOTHING


def telling(words: Sequence[str]) -> list[str]:
    """The words that say what is looked for; all of them where none does ("to be or not to be")."""
    return [word for word in words if says_something(word)] or list(words)


def is_hangul(text: str) -> bool:
    """Is it written in Hangul syllables alone, spaces apart?"""
    return _SYLLABLES.fullmatch(text) is not None
