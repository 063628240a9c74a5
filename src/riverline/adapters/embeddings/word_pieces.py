"""BERT's tokenizer for texts in lower case: words and signs, cut into the longest pieces of a vocabulary.

After Devlin and others, "BERT", 2018. Accents fold; what the vocabulary cannot spell is one unknown piece.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence

INSIDE = "##"  # before a piece that continues a word
LONGEST = 100  # letters of a word that is cut into pieces
_IGNORED = re.compile("[\0\ufffd]|(?![\t\n\r])[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]")
# Runs of letters and digits, or one sign; a character of Chinese writing stands alone.
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_HAN}]|(?:(?![{_HAN}_])\w)+|[^\w\s]|_")


class WordPieces:
    """Thread-safe. `pieces` in the order of their numbers."""

    def __init__(self, pieces: Sequence[str], unknown: int) -> None:
        self._ids = {piece: number for number, piece in enumerate(pieces)}
        self._unknown = unknown

    def ids(self, text: str) -> list[int]:
        """The numbers of the text's pieces."""
        return [number for word in _WORD.findall(_folded(text)) for number in self._of_word(word)]

    def _of_word(self, word: str) -> list[int]:
        if len(word) > LONGEST:
            return [self._unknown]
        found = list(self._cut(word))
        return [self._unknown] if None in found else [number for number in found if number is not None]

    def _cut(self, word: str) -> Iterator[int | None]:
        """Piece by piece, each as long as can be; None where there is none."""
        start, before = 0, ""
        while start < len(word):
            ends = range(len(word), start, -1)
            end = next((end for end in ends if before + word[start:end] in self._ids), None)
            if end is None:
                yield None
                return
            yield self._ids[before + word[start:end]]
            start, before = end, INSIDE


def _folded(text: str) -> str:
    if text.isascii():
        return _IGNORED.sub("", text).lower()
    parts = unicodedata.normalize("NFD", _IGNORED.sub("", text).lower())
    return "".join(letter for letter in parts if unicodedata.category(letter) != "Mn")
