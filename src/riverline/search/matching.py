"""How the words of a query find documents: the analysers and fields asked, and what closeness adds. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from riverline.search import ranking, scripts
from riverline.search.mappings import field
from riverline.search.syntax import Words

Alternatives = Mapping[str, Sequence[str]]  # by a word: texts that mean the same


def matched(parts: Words, least: str, alternatives: Alternatives) -> dict[str, Any]:
    """The words and phrases as a `bool` query: all phrases, enough of the words, closeness on top."""
    if least == ranking.LOOSE and quoting(parts):
        looser = matched(unquoted(parts), least, alternatives)["bool"]
        return {"bool": {**looser, "should": [*looser["should"], *map(phrased, parts.phrases)]}}
    telling = scripts.telling(parts.words)
    must = [phrased(phrase) for phrase in parts.phrases]
    if telling:
        ways = [_enough(telling, least, alternatives), *_syllables(parts.words)]
        must.append(_any_way(ways))
    return {"bool": {"must": must or [{"match_all": {}}], "should": _closeness(telling)}}


def quoting(parts: Words) -> bool:
    """Do its quotation marks belong to a text, as in a headline, rather than demand anything?"""
    return bool(parts.phrases) and len(parts.words) >= ranking.WORDS_OF_A_TEXT


def unquoted(parts: Words) -> Words:
    """The phrases as words like the others."""
    every = (word for text in (*parts.words, *parts.phrases) for word in text.split())
    return replace(parts, words=tuple(dict.fromkeys(every)), phrases=())


def _enough(telling: list[str], least: str, alternatives: Alternatives) -> dict[str, Any]:
    parts = ranking.LOOSE if least == ranking.LOOSE else ranking.MORPHEMES_REQUIRED
    asked = [_word(word, alternatives.get(word, ()), parts) for word in telling]
    return {"bool": {"should": asked, "minimum_should_match": least}}


def _word(word: str, others: Sequence[str], parts: str) -> dict[str, Any]:
    """A word, or what means the same: whichever of them is worth most."""
    itself = _read(word, parts)
    if not others:
        return itself
    instead = [{"dis_max": {"queries": [_synonym(other)], "boost": ranking.SYNONYM_WEIGHT}} for other in others]
    return {"dis_max": {"queries": [itself, *instead]}}


def _synonym(text: str) -> dict[str, Any]:
    return phrased(text) if " " in text else _read(text, ranking.MORPHEMES_REQUIRED)


def _read(word: str, parts: str) -> dict[str, Any]:
    """A word, by the analysers that can read it: the best one's score, and a little of the others'."""
    asked = [_by(word, analyser, parts) for analyser in scripts.analysers(word)]
    return {"dis_max": {"queries": asked, "tie_breaker": ranking.OTHER_ANALYSERS}}


def _by(word: str, analyser: str, parts: str) -> dict[str, Any]:
    if analyser == "ko" and scripts.has_hangul(word):
        return _combined(word, analyser, "or", minimum_should_match=parts)
    return _combined(word, analyser, "and", boost=_trust(word, analyser))


def _trust(word: str, analyser: str) -> float:
    """What a word is worth as this analyser reads it: 1 where it was made for such words."""
    if analyser == "ko":
        return ranking.LATIN_IN_KOREAN
    return ranking.HANGUL_AS_WRITTEN if analyser == "std" and scripts.has_hangul(word) else 1.0


def _combined(text: str, analyser: str, operator: str, **options: Any) -> dict[str, Any]:
    """BM25F: the fields are weighed into one before saturation, so that a word in two of them is not two words."""
    weighted = [f"{field(name, analyser)}^{weight}" for name, weight in ranking.FIELD_WEIGHTS.items()]
    return {"combined_fields": {"query": text, "fields": weighted, "operator": operator, **options}}


def _syllables(all_words: Iterable[str]) -> list[dict[str, Any]]:
    joined = "".join(word for word in all_words if scripts.has_hangul(word))
    if len(joined) < 3:
        return []
    least = {"minimum_should_match": ranking.SYLLABLES_REQUIRED, "boost": ranking.SYLLABLES_WEIGHT}
    return [_combined(joined, "cjk", "or", **least)]


def _any_way(queries: list[dict[str, Any]]) -> dict[str, Any]:
    return queries[0] if len(queries) == 1 else {"dis_max": {"queries": queries, "tie_breaker": 1.0}}


def phrased(phrase: str) -> dict[str, Any]:
    """The phrase, word for word, in one field."""
    ways = [
        {"match_phrase": {field(name, analyser): {"query": phrase, "boost": weight}}}
        for analyser in scripts.analysers(phrase)
        for name, weight in ranking.FIELD_WEIGHTS.items()
    ]
    return {"dis_max": {"queries": ways, "tie_breaker": ranking.OTHER_ANALYSERS}}


def _closeness(telling: list[str]) -> list[dict[str, Any]]:
    pairs = list(pairwise(telling))[: ranking.CLOSENESS_PAIRS]
    return [_near(f"{first} {second}") for first, second in pairs]


def _near(pair: str) -> dict[str, Any]:
    analyser = scripts.analysers(pair)[0]
    near = {"query": pair, "slop": ranking.CLOSENESS_SLOP}
    ways = [{"match_phrase": {field(name, analyser): near}} for name in ranking.CLOSENESS_FIELDS]
    return {"dis_max": {"queries": ways, "boost": ranking.CLOSENESS_WEIGHT}}
