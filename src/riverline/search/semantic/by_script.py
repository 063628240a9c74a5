"""Two models as one: the one reads every text, the other those in Latin letters, and orders what is asked in them.

A document in Latin letters has a vector of each, so that a question in Korean finds an English page, too; any other has
that of the first alone. What is asked in Latin letters is the second one's, anything else the first one's.
"""

from __future__ import annotations

from riverline.search.analysis import writing_systems
from riverline.search.semantic.contracts import Embeddings, QueryVector, Vectors

LOOKED_AT = 1_000  # characters of a document, to see what it is written in
LATIN_SHARE = 0.7  # of these letters, from which on it is written in Latin ones
_LATIN_END = "\u0250"  # the first character behind the Latin letters of European languages


class ByScript:
    """Thread-safe if its models are."""

    def __init__(self, every: Embeddings, latin: Embeddings) -> None:
        self._every, self._latin = every, latin
        self.name = f"{every.name} {latin.name}"

    def of_query(self, text: str) -> QueryVector:
        asked_in_latin = writing_systems.language(text) == "en"
        return (self._latin if asked_in_latin else self._every).of_query(text)

    def of_document(self, text: str) -> Vectors:
        vectors = self._every.of_document(text)
        return {**vectors, **self._latin.of_document(text)} if is_latin(text) else vectors


def is_latin(text: str) -> bool:
    """Is it written in Latin letters, as far as its beginning shows?"""
    letters = [letter for letter in text[:LOOKED_AT] if letter.isalpha()]
    latin = sum(letter < _LATIN_END for letter in letters)
    return latin > len(letters) * LATIN_SHARE
