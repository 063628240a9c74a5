"""English words that are written as one, as two, or with a hyphen: `headlamp`, `head lamp`, `head-lamp`. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from riverline.search.analysis.writing_systems import ENGLISH_STOP_WORDS

SHORTEST = 5  # letters of a word made of two
SHORTEST_PART, LONGEST = 3, 20  # letters of a part that a word is divided into, and of such a word
MOST_WORDS = 4  # of a query in which they are looked for: longer ones have enough other words
_HYPHENED = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)+")


def joined(words: Sequence[str]) -> dict[str, str]:
    """For words that may be written together, the word that they make."""
    if len(words) > MOST_WORDS:
        return {}
    found = {word: word.replace("-", "") for word in words if "-" in word and _HYPHENED.fullmatch(word)}
    for pair in pairwise(words):
        if all(map(_is_letters, pair)) and len("".join(pair)) >= SHORTEST:
            for word in pair:
                found.setdefault(word, "".join(pair))
    return found


def divided(words: Sequence[str]) -> dict[str, list[str]]:
    """For words that may be two, the ways to divide each. Of a word that `en` drops the other half alone would be left:
    `forget` is not `for get`."""
    if len(words) > MOST_WORDS:
        return {}
    return {word: ways for word in words if _is_letters(word) and (ways := _ways(word))}


def _is_letters(word: str) -> bool:
    return word.isascii() and word.isalpha()


def _ways(word: str) -> list[str]:
    if len(word) > LONGEST:
        return []
    parts = [(word[:at], word[at:]) for at in range(SHORTEST_PART, len(word) - SHORTEST_PART + 1)]
    return [" ".join(two) for two in parts if ENGLISH_STOP_WORDS.isdisjoint(part.lower() for part in two)]
