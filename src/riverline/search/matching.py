"""How the words of a query find documents, and what they are worth there: the analysers and fields asked. Pure."""

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
    """The words and phrases as a `bool` query.

    Two things are kept apart: what a document must hold to be found (all phrases, and enough of the words, in any way
    of reading them), and what its words are worth.
    """
    if least == ranking.LOOSE and quoting(parts):
        looser = matched(unquoted(parts), least, alternatives)["bool"]
        return {"bool": {**looser, "should": [*looser["should"], *map(phrased, parts.phrases)]}}
    must: list[dict[str, Any]] = [phrased(phrase) for phrase in parts.phrases]
    if not parts.words:
        return {"bool": {"must": must or [{"match_all": {}}], "should": []}}
    telling = scripts.telling(parts.words)
    if least == ranking.STRICT and len(telling) >= ranking.ANY_WORD_FROM:
        least = ranking.LOOSE
    ways = [_enough(telling, least, alternatives), *_syllables(parts.words)]
    return {"bool": {"must": must, "filter": [_any_way(ways)], "should": _worth(parts.words, telling, alternatives)}}


def quoting(parts: Words) -> bool:
    """Do its quotation marks belong to a text, as in a headline, rather than demand anything?"""
    return bool(parts.phrases) and len(parts.words) >= ranking.WORDS_OF_A_TEXT


def unquoted(parts: Words) -> Words:
    """The phrases as words like the others."""
    every = (word for text in (*parts.words, *parts.phrases) for word in text.split())
    return replace(parts, words=tuple(dict.fromkeys(every)), phrases=())


def _enough(telling: list[str], least: str, alternatives: Alternatives) -> dict[str, Any]:
    parts = ranking.LOOSE if least == ranking.LOOSE else ranking.MORPHEMES_REQUIRED
    asked = [_any_way([*_read(word, parts), *map(_synonym, alternatives.get(word, ()))]) for word in telling]
    return {"bool": {"should": asked, "minimum_should_match": least}}


def _read(word: str, parts: str) -> list[dict[str, Any]]:
    """A word, by each of the analysers that can read it."""
    return [_by(word, analyser, parts) for analyser in scripts.analysers(word)]


def _by(word: str, analyser: str, parts: str) -> dict[str, Any]:
    if analyser == "ko" and scripts.has_hangul(word):
        return _combined(word, analyser, "or", minimum_should_match=parts)
    return _combined(word, analyser, "or" if parts == ranking.LOOSE else "and")


def _synonym(text: str) -> dict[str, Any]:
    return phrased(text) if " " in text else _any_way(_read(text, ranking.MORPHEMES_REQUIRED))


def _worth(words: Sequence[str], telling: list[str], alternatives: Alternatives) -> list[dict[str, Any]]:
    """What is added up: the whole as its language reads it, then the little that orders what that separates poorly."""
    language = scripts.language(" ".join(telling))
    alone = [word for word in telling if alternatives.get(word)]
    whole = [word for word in telling if word not in alone]
    return [
        *([_combined(" ".join(whole), language, "or")] if whole else []),
        *(_or_synonyms(word, language, alternatives[word]) for word in alone),
        *_besides(telling, language),
        *_function_words(words, telling),
        *_syllables(words),
        *_closeness(telling),
    ]


def _or_synonyms(word: str, language: str, others: Sequence[str]) -> dict[str, Any]:
    """A word, or what means the same: whichever of them is worth most."""
    instead = [{"dis_max": {"queries": [_as_synonym(other)], "boost": ranking.SYNONYM_WEIGHT}} for other in others]
    return {"dis_max": {"queries": [_combined(word, language, "or"), *instead]}}


def _as_synonym(text: str) -> dict[str, Any]:
    return phrased(text) if " " in text else _combined(text, scripts.language(text), "or")


def _besides(telling: list[str], language: str) -> list[dict[str, Any]]:
    """The words by the analysers that are not the query's, each as far as it can read them."""
    others = dict.fromkeys(name for word in telling for name in scripts.besides(word) if name != language)
    return [
        _combined(
            " ".join(word for word in telling if name in scripts.besides(word)),
            name,
            "or",
            boost=ranking.AS_WRITTEN if name == "std" else ranking.OTHER_ANALYSERS,
        )
        for name in others
    ]


def _function_words(words: Sequence[str], telling: list[str]) -> list[dict[str, Any]]:
    found = [word for word in words if word not in telling]
    return [_combined(" ".join(found), "std", "or", boost=ranking.FUNCTION_WORDS / len(telling))] if found else []


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
    return queries[0] if len(queries) == 1 else {"bool": {"should": queries}}


def phrased(phrase: str) -> dict[str, Any]:
    """The phrase, word for word, in one field."""
    ways = [
        {"match_phrase": {field(name, analyser): {"query": phrase, "boost": weight}}}
        for analyser in scripts.analysers(phrase)
        for name, weight in ranking.FIELD_WEIGHTS.items()
    ]
    return {"dis_max": {"queries": ways, "tie_breaker": ranking.PHRASE_ELSEWHERE}}


def _closeness(telling: list[str]) -> list[dict[str, Any]]:
    pairs = list(pairwise(telling))[: ranking.CLOSENESS_PAIRS]
    return [_near(f"{first} {second}") for first, second in pairs]


def _near(pair: str) -> dict[str, Any]:
    analyser = scripts.analysers(pair)[0]
    near = {"query": pair, "slop": ranking.CLOSENESS_SLOP}
    ways = [{"match_phrase": {field(name, analyser): near}} for name in ranking.CLOSENESS_FIELDS]
    return {"dis_max": {"queries": ways, "boost": ranking.CLOSENESS_WEIGHT}}
