"""Texts that show nothing: spaces, characters without width, letters and signs that are drawn as nothing. Pure."""

from __future__ import annotations

import unicodedata

# Of categories that are seen: the Hangul fillers, the empty Braille pattern, the joiner and the selectors of forms.
UNSEEN = frozenset("\u115f\u1160\u3164\uffa0\u2800\u034f\u17b4\u17b5\u180b\u180c\u180d\u180f") | {
    *map(chr, range(0xFE00, 0xFE10)),
    *map(chr, range(0xE0100, 0xE01F0)),
}


def is_blank(text: str) -> bool:
    """Whether a reader sees nothing of a text."""
    return all(character in UNSEEN or unicodedata.category(character)[0] in "ZC" for character in text)
