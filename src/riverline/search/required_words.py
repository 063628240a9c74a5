"""How many words of a query a document must contain to be found; what it is worth then is in `ranking.py`. Pure."""

from __future__ import annotations

# How many of the words a document must hold (a minimum_should_match). Ranked by relevance: two; where a page cannot be
# filled so, one. More would keep out what says much of the rarest word: the sum of the scores orders them well. In
# another order what holds few of the words would come first, so most are needed.
STRICT = "2<2"
LOOSE = "1"
ORDERED = "2<75%"
# From so many words on a query ranked by relevance is a text: any of its words is enough at once. Else what says much
# of one rare word would not be seen where ten documents hold two common ones.
ANY_WORD_FROM = 5

# A phrase among so many other words is a quotation within a text that was put in: where a page cannot be filled with
# it, its words are enough.
WORDS_OF_A_TEXT = 2


def minimum(by_relevance: bool, loose: bool) -> str:
    """How many of the words a document must contain, as a minimum_should_match. `loose`: too little was found."""
    if not by_relevance:
        return ORDERED
    return LOOSE if loose else STRICT


def is_any_enough(least: str, words: int) -> bool:
    """Whether a document with any one of so many words is found."""
    return least == LOOSE or (least == STRICT and words >= ANY_WORD_FROM)
