"""How the words of a query match documents, and their scores: analysers and fields. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Any

from riverline.search import addresses, ranking, required_words
from riverline.search.analysis import compounds, writing_systems
from riverline.search.analysis.analysers import ANALYSERS
from riverline.search.mappings import field
from riverline.search.syntax import Words

_WEIGHTED = {
    analyser: [f"{field(name, analyser)}^{weight}" for name, weight in ranking.FIELD_WEIGHTS.items()]
    for analyser in ANALYSERS
}
Alternatives = Mapping[str, Sequence[str]]  # by a word: texts that mean the same


def matched(parts: Words, least: str, alternatives: Alternatives) -> dict[str, Any]:
    """The words and phrases as a `bool` query.

    Two things are kept apart: what a document must hold to be found (all phrases, and enough of the words, in any way
    of reading them), and what its words are worth.
    """
    if least == required_words.LOOSE and quoting(parts):
        looser = matched(unquoted(parts), least, alternatives)["bool"]
        return {"bool": {**looser, "should": [*looser["should"], *map(phrased, parts.phrases)]}}
    must: list[dict[str, Any]] = [phrased(phrase) for phrase in parts.phrases]
    if not parts.words:
        return {"bool": {"must": must or [{"match_none" if parts.unread else "match_all": {}}], "should": []}}
    telling = writing_systems.telling(parts.words)
    others = {word: list(texts) for word, texts in alternatives.items()}
    for word, text in compounds.joined(telling).items():
        others.setdefault(word, []).append(text)
    divided = _divided(telling) if least == required_words.LOOSE or len(telling) == 1 else []
    ways = [_enough(list(dict.fromkeys(telling)), least, others), *divided, *_syllables(parts.words)]
    worth = [*_worth(parts.words, telling, alternatives), *divided]
    return {"bool": {"must": must, "filter": [_any_way(ways)], "should": worth}}


def _divided(telling: Sequence[str]) -> list[dict[str, Any]]:
    """Words as two beside each other: one alone at once, of several where little is found."""
    found = (text for texts in compounds.divided(telling).values() for text in texts)
    return [_beside(text, 0, ranking.COMPOUND_WEIGHT) for text in found]


def quoting(parts: Words) -> bool:
    """Do its quotation marks belong to a text, as in a headline, rather than demand anything?"""
    return bool(parts.phrases) and len(parts.words) >= required_words.WORDS_OF_A_TEXT


def unquoted(parts: Words) -> Words:
    """The phrases as words like the others."""
    every = (word for text in (*parts.words, *parts.phrases) for word in text.split())
    return replace(parts, words=tuple(dict.fromkeys(every)), phrases=())


def _enough(telling: list[str], least: str, alternatives: Alternatives) -> dict[str, Any]:
    if required_words.is_any_enough(least, len(telling)):
        return _any_way(_any_word(telling, alternatives))
    asked = [_any_way([*_found(word, alternatives), *map(_synonym, alternatives.get(word, ()))]) for word in telling]
    return {"bool": {"should": asked, "minimum_should_match": least}}


def _found(word: str, alternatives: Alternatives) -> list[dict[str, Any]]:
    return [_in_order(word)] if _is_amount(word, alternatives) else _read(word, ranking.MORPHEMES_REQUIRED)


def _is_amount(word: str, alternatives: Alternatives) -> bool:
    """Of an amount no part is looked for: the `천원` of `8천원` is in every price."""
    return word[0].isdigit() and any(other[0].isdigit() for other in alternatives.get(word, ()))


def _in_a_row(other: str) -> bool:
    """Is what stands in the place of a word read as a phrase? Of several words, or an amount, a part is not enough."""
    return " " in other or other[0].isdigit()


def _in_order(other: str) -> dict[str, Any]:
    """As a phrase, by the one analyser of its language; digits as nori parts them from what is counted."""
    return phrased(other, ["ko" if other[0].isdigit() else writing_systems.language(other)])


def _any_word(telling: list[str], alternatives: Alternatives) -> list[dict[str, Any]]:
    """Any part of any word: one query an analyser, whatever the number of words. An address is not read in parts."""
    others = [text for word in telling for text in alternatives.get(word, ())]
    whole = [word for word in telling if addresses.is_address(word)]
    words = [word for word in (*telling, *(text for text in others if not _in_a_row(text))) if word not in whole]
    read = {name: [word for word in words if name in writing_systems.analysers(word)] for name in ANALYSERS}
    return [
        *(_combined(" ".join(some), name, "or") for name, some in read.items() if some),
        *(_in_order(text) for text in others if _in_a_row(text)),
        *(way for word in whole for way in _read(word, ranking.MORPHEMES_REQUIRED)),
    ]


def _read(word: str, parts: str) -> list[dict[str, Any]]:
    """A word, by each of the analysers that can read it; an address as that of a page or a host, too."""
    ways = [_by(word, analyser, parts) for analyser in writing_systems.analysers(word)]
    return [*ways, *_addressed(word)] if addresses.is_address(word) else ways


def _addressed(word: str) -> list[dict[str, Any]]:
    return [{"terms": {"id": addresses.pages(word)}}, addresses.on([addresses.host(word)])]


def _by(word: str, analyser: str, parts: str) -> dict[str, Any]:
    if analyser == "ko" and writing_systems.has_hangul(word):
        return _combined(word, analyser, "or", minimum_should_match=parts)
    return _combined(word, analyser, "and")


def _synonym(text: str) -> dict[str, Any]:
    return _in_order(text) if _in_a_row(text) else _any_way(_read(text, ranking.MORPHEMES_REQUIRED))


def _worth(words: Sequence[str], telling: list[str], alternatives: Alternatives) -> list[dict[str, Any]]:
    """What is added up: the whole as its language reads it, then the little that orders what that separates poorly."""
    language = writing_systems.language(" ".join(telling))
    alone = [word for word in telling if alternatives.get(word)]
    whole = [word for word in telling if word not in alone]
    return [
        *([_combined(" ".join(whole), language, "or")] if whole else []),
        *(_or_synonyms(word, language, alternatives[word]) for word in dict.fromkeys(alone)),
        *_compounds(telling, language),
        *_places(telling),
        *_besides(telling, language),
        *_all([word for word in dict.fromkeys(telling) if not _is_amount(word, alternatives)]),
        *_function_words(words, telling),
        *_pairs(telling),
        *_syllables(words),
        *_closeness(telling),
        *_together(words, telling),
    ]


def _compounds(telling: list[str], language: str) -> list[dict[str, Any]]:
    """Two words as one."""
    joined = dict.fromkeys(compounds.joined(telling).values())
    return [_combined(text, language, "or", boost=ranking.COMPOUND_WEIGHT) for text in joined]


def _places(telling: list[str]) -> list[dict[str, Any]]:
    """A page by its address before all, and the pages of a host before what only speaks of it."""
    found = []
    for word in telling:
        if addresses.is_address(word):
            page, host = _addressed(word)
            alone = ranking.HOST_WEIGHT if len(telling) == 1 else ranking.HOST_BESIDE_WORDS
            found += [_constant(page, ranking.ADDRESS_WEIGHT), _constant(host, alone)]
    return found


def _constant(asked: dict[str, Any], weight: float) -> dict[str, Any]:
    return {"constant_score": {"filter": asked, "boost": weight}}


def _or_synonyms(word: str, language: str, others: Sequence[str]) -> dict[str, Any]:
    """A word, or what means the same: whichever of them is worth most."""
    own = _in_order(word) if _is_amount(word, {word: others}) else _combined(word, language, "or")
    instead = [{"dis_max": {"queries": [_as_synonym(other)], "boost": _weight_of(other)}} for other in others]
    return {"dis_max": {"queries": [own, *instead]}}


def _weight_of(other: str) -> float:
    return ranking.AMOUNT_WEIGHT if other[0].isdigit() else ranking.SYNONYM_WEIGHT


def _as_synonym(text: str) -> dict[str, Any]:
    return _in_order(text) if _in_a_row(text) else _combined(text, writing_systems.language(text), "or")


def _besides(telling: list[str], language: str) -> list[dict[str, Any]]:
    """The words by the analysers that are not the query's, each as far as it can read them."""
    others = dict.fromkeys(name for word in telling for name in writing_systems.besides(word) if name != language)
    return [
        _combined(
            " ".join(word for word in telling if name in writing_systems.besides(word)),
            name,
            "or",
            boost=ranking.AS_WRITTEN if name == "std" else ranking.OTHER_ANALYSERS,
        )
        for name in others
    ]


def _all(words: list[str]) -> list[dict[str, Any]]:
    """All of the words, anywhere in the document."""
    weighed = (("std", ranking.ALL_AS_WRITTEN), ("ko", ranking.ALL_PARTS))
    return [_combined(" ".join(words), analyser, "and", boost=weight) for analyser, weight in weighed] if words else []


def _function_words(words: Sequence[str], telling: list[str]) -> list[dict[str, Any]]:
    """A Korean one is as rare as any word as it is written."""
    found = dict.fromkeys(word for word in words if word not in telling)
    korean = [word for word in found if writing_systems.has_hangul(word)]
    others = [word for word in found if word not in korean]
    weighed = ((others, ranking.FUNCTION_WORDS), (korean, ranking.AS_WRITTEN))
    several = len(set(telling))
    return [_combined(" ".join(some), "std", "or", boost=weight / several) for some, weight in weighed if some]


def _combined(text: str, analyser: str, operator: str, **options: Any) -> dict[str, Any]:
    """BM25F: the fields are weighed into one before saturation, so that a word in two of them is not two words."""
    return {"combined_fields": {"query": text, "fields": list(_WEIGHTED[analyser]), "operator": operator, **options}}


def _syllables(all_words: Iterable[str]) -> list[dict[str, Any]]:
    joined = "".join(word for word in all_words if writing_systems.has_hangul(word))
    if len(joined) < 3:
        return []
    least = {"minimum_should_match": ranking.SYLLABLES_REQUIRED, "boost": ranking.SYLLABLES_WEIGHT}
    return [_combined(joined, "cjk", "or", **least)]


def _pairs(telling: Sequence[str]) -> list[dict[str, Any]]:
    written = [word for word in telling if writing_systems.is_hangul(word)]
    alone = len(telling) == 1 and len(telling[0]) >= ranking.LONG_WORD
    weight = ranking.PAIRS_OF_ONE_WORD if alone else ranking.PAIRS_WEIGHT
    return [_combined(" ".join(written), "cjk", "or", boost=weight)] if written else []


def _any_way(queries: list[dict[str, Any]]) -> dict[str, Any]:
    return queries[0] if len(queries) == 1 else {"bool": {"should": queries}}


def phrased(phrase: str, analysers: Sequence[str] = ()) -> dict[str, Any]:
    """The phrase, word for word, in one field, by these analysers or by all that can read it."""
    ways = [
        _phrased_in(name, analyser, phrase, weight)
        for analyser in analysers or writing_systems.analysers(phrase)
        for name, weight in ranking.FIELD_WEIGHTS.items()
    ]
    return {"dis_max": {"queries": ways, "tie_breaker": ranking.PHRASE_ELSEWHERE}}


def _phrased_in(name: str, analyser: str, phrase: str, weight: float) -> dict[str, Any]:
    asked = {"match_phrase": {field(name, analyser): {"query": phrase, "boost": weight}}}
    if analyser != "ko" or not writing_systems.is_hangul(phrase) or len("".join(phrase.split())) < 2:
        return asked
    # nori drops what it takes for an ending: of 이어팟 it leaves the 팟 that 에어팟 has too. All syllables must follow.
    return {"bool": {"must": [asked], "filter": [{"match_phrase": {field(name, "cjk"): phrase}}]}}


def _closeness(telling: list[str]) -> list[dict[str, Any]]:
    pairs = list(pairwise(telling))[: ranking.CLOSENESS_PAIRS]
    return [
        _beside(f"{first} {second}", ranking.CLOSENESS_SLOP, ranking.CLOSENESS_WEIGHT)
        for first, second in pairs
        if first != second
    ]


def _together(words: Sequence[str], telling: list[str]) -> list[dict[str, Any]]:
    """All words, those that say little too, as they are written and in one place of the text. What wraps a few words
    into a question is in no text beside them."""
    found = dict.fromkeys(words)
    wrapping = len(found) - len(set(telling))
    if not 1 < len(found) <= ranking.TOGETHER_WORDS or wrapping > len(set(telling)) + ranking.TOGETHER_WRAPPING:
        return []
    return [_beside(" ".join(found), ranking.TOGETHER_SLOP, ranking.TOGETHER_WEIGHT, "std")]


def _beside(words: str, slop: int, weight: float, analyser: str = "") -> dict[str, Any]:
    read_by = analyser or writing_systems.analysers(words)[0]
    near = {"query": words, "slop": slop}
    ways = [{"match_phrase": {field(name, read_by): near}} for name in ranking.CLOSENESS_FIELDS]
    return {"dis_max": {"queries": ways, "boost": weight}}
