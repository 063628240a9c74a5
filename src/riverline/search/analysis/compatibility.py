"""Characters that are read like others: full-width letters, units of one character, ligatures. Pure.

One list serves the queries and the index: what one side folds, the other does too. It is the part of Unicode's NFKC
that keeps words whole. Left out are marks that would grow onto the word before them (`™`, `²` of a footnote, `①`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

_RANGES = (
    (0x2080, 0x2089),  # indices: CO₂
    (0x2103, 0x2103),  # ℃
    (0x2109, 0x2109),  # ℉
    (0x2113, 0x2113),  # ℓ
    (0x2116, 0x2116),  # №
    (0x212A, 0x212B),  # kelvin, ångström
    (0x2160, 0x217F),  # Roman numerals
    (0x3371, 0x33DF),  # ㎏, ㎡
    (0xFB00, 0xFB06),  # ﬁ
    (0xFF01, 0xFF5E),  # Ａ
    (0xFFE0, 0xFFE2),  # ￠
    (0xFFE5, 0xFFE6),  # ￥
)
_POWERS = {"m²": "m2", "m³": "m3"}


def _rules() -> Iterator[tuple[str, str]]:
    yield from _POWERS.items()
    for first, last in _RANGES:
        for code in range(first, last + 1):
            if (folded := unicodedata.normalize("NFKC", chr(code))) != chr(code):
                yield chr(code), folded


RULES = dict(_rules())
_FOLDED = re.compile("|".join(map(re.escape, RULES)))


def folded(text: str) -> str:
    """The text with those characters as the ones that they stand for. Doing it twice changes nothing."""
    return text if text.isascii() else _FOLDED.sub(lambda match: RULES[match[0]], text)
