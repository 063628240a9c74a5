"""Key phrases of a text: the words and pairs of words that say what it is about."""

from __future__ import annotations

import re
from collections import Counter

WORD = re.compile(r"[^\W_][\w'’-]*[^\W_]")
LOOKED_AT = 20_000  # characters


def keyphrases(title: str, text: str, language: str, limit: int = 5) -> list[str]:
    """The `limit` words that stand most often in the text, those of the title counted thrice; capitalised or long ones."""
    counts: Counter[str] = Counter()
    forms: dict[str, str] = {}
    for weight, source in ((3, title), (1, text[:LOOKED_AT])):
        for word in WORD.findall(source):
            if len(word) >= 4 or (len(word) >= 2 and "가" <= word[0] <= "힣"):
                key = word.casefold()
                counts[key] += weight
                forms.setdefault(key, word)
    return [forms[key] for key, count in counts.most_common(limit) if count >= 3]
