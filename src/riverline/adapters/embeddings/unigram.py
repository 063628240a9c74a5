"""SentencePiece's unigram tokenizer: the pieces of a text whose scores add up to most (Viterbi).

After Kudo, "Subword Regularization", 2018.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import marisa_trie

SPACE = "\u2581"  # stands for a space, at the beginning of a text too
UNKNOWN_BELOW = 10.0  # the least score of a piece, less this: that of a character that is in none
_NEVER = -1e30


class Unigram:
    """Thread-safe."""

    def __init__(
        self, pieces: Sequence[str], scores: Sequence[float], unknown: int, replacements: Mapping[int, str]
    ) -> None:
        self._trie = marisa_trie.Trie(pieces)
        self._longest = max(map(len, pieces))
        self._ids = [0] * len(self._trie)  # by the number that the trie gives a piece
        self._scores = [0.0] * len(self._trie)
        for number, piece in enumerate(pieces):
            key = self._trie[piece]
            self._ids[key], self._scores[key] = number, scores[number]
        self._unknown, self._unknown_score = unknown, min(scores) - UNKNOWN_BELOW
        self._replacements = replacements

    def ids(self, text: str) -> list[int]:
        """The numbers of the text's pieces."""
        read = " ".join(part for part in text.translate(self._replacements).split(" ") if part)
        spaced = SPACE + read.replace(" ", SPACE)
        return self._back(*self._best(spaced))

    def _best(self, text: str) -> tuple[list[int], list[int]]:
        """For each place, where its best last piece begins, and that piece."""
        best, begins, pieces = [_NEVER] * (len(text) + 1), [0] * (len(text) + 1), [0] * (len(text) + 1)
        best[0] = 0.0
        for place in range(len(text)):
            here = best[place]
            for piece in self._trie.prefixes(text[place : place + self._longest]):
                key = self._trie[piece]
                end, score = place + len(piece), here + self._scores[key]
                if score > best[end]:
                    best[end], begins[end], pieces[end] = score, place, self._ids[key]
            if here + self._unknown_score > best[place + 1]:
                best[place + 1], begins[place + 1] = here + self._unknown_score, place
                pieces[place + 1] = self._unknown
        return begins, pieces

    def _back(self, begins: Sequence[int], pieces: Sequence[int]) -> list[int]:
        found, place = [], len(begins) - 1
        while place > 0:
            found.append(pieces[place])
            place = begins[place]
        return found[::-1]
