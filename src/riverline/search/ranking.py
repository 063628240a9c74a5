"""Ranking: every weight by name, and nothing else. `bench/relevance.py` measures them.

score = words x (kind + recency + clicks)
words = sum over the words of the best analyser's BM25F over title, tags, summary, body, and of their closeness
"""

from __future__ import annotations

# BM25F: a term in the title counts as this many in the body. At least 1 (a rule of combined_fields).
FIELD_WEIGHTS = {"title": 2.5, "tags": 2.0, "summary": 1.5, "body": 1.0}

# What the other analysers' scores of a word add to the best one's: an exact form before a stemmed one.
OTHER_ANALYSERS = 0.2
# A Latin word read by the Korean analyser. That is for Latin words within Korean text; elsewhere it must not outweigh
# the stemmed word, whose forms are more, and so each less rare.
LATIN_IN_KOREAN = 0.4
# A Korean word as it is written, with whatever is attached to it. Its forms are many, and so each is rare: without this
# a page with the same ending would stand before one that says more of the noun.
HANGUL_AS_WRITTEN = 0.3

# Of the morphemes of one Korean word: one or two all, of more all but one; any of them where few words are enough.
MORPHEMES_REQUIRED = "2<-1"

# A synonym of a word, measured against the word itself.
SYNONYM_WEIGHT = 0.5

# Pairs of neighbouring words that stand near each other in the document too.
CLOSENESS_WEIGHT = 0.2
CLOSENESS_SLOP = 4  # positions that two words may be moved to meet
CLOSENESS_PAIRS = 16  # pairs looked at, from the front
CLOSENESS_FIELDS = ("title", "body")

# Pairs of Hangul syllables across spaces: finds what spacing hides. Weak, since pairs also meet by chance.
SYLLABLES_WEIGHT = 0.25
SYLLABLES_REQUIRED = "5<85%"  # of up to five pairs all: two words of three syllables share half of theirs by chance

# Pages that list others hold their words too, and are seldom what is looked for: their kind counts this, any other 1.
LISTS = ("list", "feed")
LIST_WEIGHT = 0.5

# Recency: worth this much on the day of publication, half of it after the half-life.
RECENCY_WEIGHT = 0.12
RECENCY_HALF_LIFE_DAYS = 30

# Clicks: CLICKS_WEIGHT x ln(1 + clicks); 100 clicks are worth as much as the publication today.
CLICKS_WEIGHT = 0.026

# How many of the words a document must hold (a minimum_should_match). Ranked by relevance: two; where a page cannot be
# filled so, one. More would keep out what says much of the rarest word: the sum of the scores orders them well. In
# another order what holds few of the words would come first, so most are needed.
STRICT = "2<2"
LOOSE = "1"
ORDERED = "2<75%"

# A phrase among so many other words is a quotation within a text that was put in: where a page cannot be filled with
# it, its words are enough.
WORDS_OF_A_TEXT = 2
