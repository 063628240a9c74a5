"""Ranking: every weight by name, and nothing else. `bench/relevance.py` measures them.

score = text x (kind + recency + clicks)
text = BM25F of the whole query, by the analyser of its language, over title, tags, summary and body
       + a little of what other ways of reading, closeness and syllables say
       + much for all words of the query, as they are written, together

The first is what plain BM25 would answer. The next are so light that they order what it separates poorly: what they
know nothing of stays as it is. The last says nothing of a page that lacks a word. What must be there for a document to
be found at all adds nothing to its score.
"""

from __future__ import annotations

# BM25F: a term in the title counts as this many in the body. At least 1 (a rule of combined_fields).
FIELD_WEIGHTS = {"title": 2.5, "tags": 2.0, "summary": 1.5, "body": 1.0}

# A Korean word as it is written, with whatever is attached to it. Its forms are many, and so each is rare: with as much
# as the noun has, a page with the same ending would stand before one that says more of it.
AS_WRITTEN = 0.5
# A word by the other analysers that can read it: a Latin word unstemmed, with its Korean particle, or as English
# within a Korean query.
OTHER_ANALYSERS = 0.4
# Words that say nothing ("which", "he"), divided by the number of those that say something: beside many of them they
# are the wrapping of a question, beside one the little that tells pages apart.
FUNCTION_WORDS = 1.0

# All words that say something, in one document: as they are written, and as their morphemes or parts. What says one of
# the words again and again would else stand before what says each of them once.
ALL_AS_WRITTEN = 0.6
ALL_PARTS = 0.4

# A phrase by the analysers and in the fields that are not its best.
PHRASE_ELSEWHERE = 0.2

# Of the morphemes of one Korean word: one or two all, of more all but one; any of them where few words are enough.
MORPHEMES_REQUIRED = "2<-1"

# A synonym of a word, measured against the word itself.
SYNONYM_WEIGHT = 0.5

# A query in another spelling, where a word of it is in no document but enough is found by parts of that word.
RESPELLED_WEIGHT = 1.0

# A word that two of the query make, or two that one of it may be: it says what both of them say.
COMPOUND_WEIGHT = 2.5

# The same amount, written in another way.
AMOUNT_WEIGHT = 1.0

# Pairs of neighbouring words that stand near each other in the document too.
CLOSENESS_WEIGHT = 0.4
CLOSENESS_SLOP = 4  # positions that two words may be moved to meet
CLOSENESS_PAIRS = 16  # pairs looked at, from the front
CLOSENESS_FIELDS = ("title", "body")

# All words of the query, each as it is written, near each other: what holds them so is seldom not what was meant. Worth
# most where they stand as in the query, and the less the more they are apart.
TOGETHER_WEIGHT = 8.0
TOGETHER_SLOP = 100  # positions that all of them together may be moved
TOGETHER_WORDS = 32  # of a query; a longer one is a text
TOGETHER_WRAPPING = 2  # words that say nothing, more than those that say something: with more it is a question

# Pairs of Hangul syllables across spaces: finds what spacing hides. Weak, since pairs also meet by chance.
SYLLABLES_WEIGHT = 0.25
SYLLABLES_REQUIRED = "5<85%"  # of up to five pairs all: two words of three syllables share half of theirs by chance

# Pairs of syllables of the Korean words, any of them: what nori divides in another way in the text than in the query.
PAIRS_WEIGHT = 0.3
# One long Korean word alone may be several that were joined, which nori divides at the wrong places: then the pairs
# know more than what nori made of it.
PAIRS_OF_ONE_WORD = 2.0
LONG_WORD = 4  # syllables

# A page whose address was typed stands before all that says it; the pages of a host, where nothing but it was typed.
ADDRESS_WEIGHT = 1_000.0
HOST_WEIGHT = 100.0
HOST_BESIDE_WORDS = 5.0

# Pages that list others hold their words too, and are seldom what is looked for: their kind counts this, any other 1.
LISTS = ("list", "feed")
LIST_WEIGHT = 0.5

# Recency: worth this much on the day of publication, half of it after the half-life.
RECENCY_WEIGHT = 0.12
RECENCY_HALF_LIFE_DAYS = 30

# Clicks: CLICKS_WEIGHT x ln(1 + clicks); 100 clicks are worth as much as the publication today.
CLICKS_WEIGHT = 0.026
