"""Synonyms: the rules of a file, and how they expand a query. Pure.

The form is Solr's, which Elasticsearch reads too: `ai, 인공지능, artificial intelligence` for words that stand for each
other, `left => right, other` for one way only, `#` before a remark. They are applied to the query, not to the index, so
that a change takes effect at the next search. A synonym of several words is looked for as a phrase.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from riverline.errors import Invalid
from riverline.parsing.language.normalization import visible
from riverline.search.analysis.writing_systems import has_hangul

MOST_WORDS = 4  # of one synonym
MOST_ALTERNATIVES = 8  # of one word of a query
Terms = tuple[str, ...]

# What stands behind a Korean noun: with one of these it is still that noun.
PARTICLES = frozenset(
    (
        *("은", "는", "이", "가", "을", "를", "에", "의", "로", "와", "과", "도", "만", "나", "랑"),
        *("으로", "에서", "에게", "에는", "에도", "까지", "부터", "보다", "이나", "이랑", "처럼", "께서", "라는"),
    )
)


@dataclass(frozen=True, slots=True)
class Synonyms:
    """Folded words, and what else may be looked for in their place."""

    rules: Mapping[Terms, Terms] = field(default_factory=dict)

    def alternatives(self, words: Sequence[str]) -> dict[str, list[str]]:
        """For each of the words that has some: texts that mean the same. A rule of several words gives its
        alternatives to each of them."""
        if not self.rules:
            return {}
        folded = [_folded(word) for word in words]
        found: dict[str, list[str]] = defaultdict(list)
        for place in range(len(words)):
            for length in range(1, min(MOST_WORDS, len(words) - place) + 1):
                for other in self._of(tuple(folded[place : place + length])):
                    for word in words[place : place + length]:
                        if other not in found[word]:
                            found[word].append(other)
        return {word: others[:MOST_ALTERNATIVES] for word, others in found.items() if others}

    def _of(self, terms: Terms) -> Terms:
        return self.rules.get(terms) or self.rules.get((*terms[:-1], _without_particle(terms[-1])), ())


NONE = Synonyms()


def parsed(text: str) -> Synonyms:
    """The rules of a file. Raises Invalid with the number of the line that is wrong."""
    rules: dict[Terms, dict[str, None]] = defaultdict(dict)
    for number, line in enumerate(text.splitlines(), 1):
        rule = line.partition("#")[0].strip()
        if rule:
            for left, right in _pairs(rule, number):
                rules[left].setdefault(right)
    return Synonyms({left: tuple(right) for left, right in rules.items()})


def _pairs(rule: str, number: int) -> list[tuple[Terms, str]]:
    """What is looked for beside what."""
    left, arrow, right = rule.partition("=>")
    sources = _listed(left, number)
    targets = _listed(right, number) if arrow else sources
    if not arrow and len(sources) < 2:
        raise Invalid(f"line {number}: a rule takes two words or more, separated by commas: {rule}")
    return [(source, " ".join(target)) for source in sources for target in targets if source != target]


def _listed(side: str, number: int) -> list[Terms]:
    found = [tuple(_folded(part).split()) for part in side.split(",")]
    if not all(found):
        raise Invalid(f"line {number}: nothing stands before or after a comma or an arrow")
    if any(len(terms) > MOST_WORDS for terms in found):
        raise Invalid(f"line {number}: a synonym has at most {MOST_WORDS} words")
    return found


def _folded(text: str) -> str:
    return visible(text).lower().strip()


def _without_particle(word: str) -> str:
    """A Korean word without what is attached to it; other words as they are."""
    if has_hangul(word):
        for length in (2, 1):
            if len(word) > length + 1 and word[-length:] in PARTICLES:
                return word[:-length]
    return word
