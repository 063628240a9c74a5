"""What a result's score is made of, in the names of `ranking`. Pure.

The text's share is divided as the server explains it: a BM25F score falls to its fields in proportion to the
occurrences that each weighs in. What multiplies that share (kind, recency, clicks) follows from the document itself.
"""

from __future__ import annotations

import math
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from riverline.search import ranking, required_words
from riverline.search.analysis import writing_systems
from riverline.search.mappings import field
from riverline.search.matching import matched
from riverline.search.query import DAY_MS, Query, Sort, alternatives
from riverline.search.results import Hit

Node = Mapping[str, Any]  # of the server's explanation
Occurrences = Mapping[tuple[str, str], Mapping[str, float]]  # by analyser and term: in each field
Parts = dict[str, float]

_OTHERS = re.compile(r"max plus ([0-9.E-]+) times others of")
_BM25F = re.compile(r"CombinedFieldQuery\(\((?P<fields>.*?)\)\((?P<term>.*?)\)\)")
_FIELD = re.compile(r"weight\((?:Synonym\()?(?P<field>[\w.]+):(?P<text>.+?)(?:\))? in \d+\)")


def text_body(query: Query, ids: Sequence[str], loose: bool) -> dict[str, Any]:
    """The request for the text's share of these documents' scores."""
    parts = query.words
    asked = matched(parts, required_words.minimum(query.sort is Sort.RELEVANCE, loose), alternatives(query, parts))
    return _explained({"bool": {"should": [asked]}}, ids)


def occurrences_body(query: Query, ids: Sequence[str]) -> dict[str, Any]:
    """The request for where, and how often, the words stand in these documents."""
    parts = query.words
    texts = [
        *parts.words,
        *parts.phrases,
        *(other for others in alternatives(query, parts).values() for other in others),
    ]
    asked = [
        {"match": {field(name, analyser): text}}
        for text in dict.fromkeys(texts)
        for analyser in dict.fromkeys((*writing_systems.analysers(text), "std", "cjk"))
        for name in ranking.FIELD_WEIGHTS
    ]
    return _explained({"bool": {"should": asked}}, ids)


def _explained(query: Node, ids: Sequence[str]) -> dict[str, Any]:
    only = {"bool": {"must": [query], "filter": [{"terms": {"id": list(ids)}}]}}
    return {"size": len(ids), "query": only, "explain": True, "_source": ["id"]}


def explained(hit: Hit, now_ms: int, text: Node | None, places: Node | None) -> Parts:
    """The parts of a result's score by their names; they add up to it."""
    factors = {"kind": _kind(hit), "recency": _recency(hit, now_ms), "clicks": _clicks(hit)}
    base = (hit.score or 0.0) / sum(factors.values())
    found = _shares(text, _occurrences(places) if places else {}) if text else {}
    total = sum(found.values())
    parts = {name: value * base / total for name, value in found.items()} if total else {"words": base}
    return {
        **parts,
        **({"kind": base * (factors["kind"] - 1)} if factors["kind"] != 1 else {}),
        "recency": base * factors["recency"],
        "clicks": base * factors["clicks"],
    }


def _kind(hit: Hit) -> float:
    return ranking.LIST_WEIGHT if hit.content_type in ranking.LISTS else 1.0


def _recency(hit: Hit, now_ms: int) -> float:
    if hit.created_at is None:
        return 0.0
    half_lives = abs(now_ms - hit.created_at) / (ranking.RECENCY_HALF_LIFE_DAYS * DAY_MS)
    return float(ranking.RECENCY_WEIGHT * 0.5**half_lives)


def _clicks(hit: Hit) -> float:
    return ranking.CLICKS_WEIGHT * math.log1p(hit.click_count)


def _shares(text: Node, places: Occurrences) -> Parts:
    shares: Parts = defaultdict(float)
    for description, value in _leaves(text, 1.0):
        for name, part in _named(description, value, places).items():
            shares[name] += part
    return dict(shares)


def _leaves(node: Node, factor: float) -> Iterator[tuple[str, float]]:
    """What is added up, each with what it adds."""
    description, details = str(node["description"]), node.get("details", ())
    if not node["value"]:
        return
    if description.startswith("weight(") or not details:
        yield description, node["value"] * factor
        return
    others = _OTHERS.match(description)
    share = float(others[1]) if others else 0.0 if description.startswith("max of") else 1.0
    best = max(range(len(details)), key=lambda place: details[place]["value"])
    for place, detail in enumerate(details):
        yield from _leaves(detail, factor * (1.0 if place == best else share))


def _named(description: str, value: float, places: Occurrences) -> Parts:
    bm25f = _BM25F.search(description)
    if bm25f is None:
        return {_name_of_phrase(description): value}
    analyser, term = _analyser(bm25f["fields"]), bm25f["term"]
    if analyser == "cjk" and writing_systems.has_hangul(term):
        return {"syllables": value}
    weighed = {name: ranking.FIELD_WEIGHTS[name] * count for name, count in places.get((analyser, term), {}).items()}
    total = sum(weighed.values())
    return {name: value * share / total for name, share in weighed.items()} if total else {"words": value}


def _name_of_phrase(description: str) -> str:
    if ':"' not in description:
        return "words"
    return "closeness" if '"~' in description else "phrase"  # a phrase is asked for without room between its words


def _analyser(fields: str) -> str:
    first = fields.split()[0].partition("^")[0]
    return first.partition(".")[2] or "std"


def _occurrences(places: Node) -> Occurrences:
    found: dict[tuple[str, str], dict[str, float]] = defaultdict(dict)
    for node in _weights(places):
        match = _FIELD.search(str(node["description"]))
        if match and (count := _frequency(node)):
            name, _, analyser = match["field"].partition(".")
            found[analyser or "std", match["text"]][name] = count
    return found


def _weights(node: Node) -> Iterator[Node]:
    if str(node["description"]).startswith("weight("):
        yield node
    else:
        for detail in node.get("details", ()):
            yield from _weights(detail)


def _frequency(node: Node) -> float:
    if str(node["description"]).startswith(("freq", "termFreq")):
        return float(node["value"])
    return max((_frequency(detail) for detail in node.get("details", ())), default=0.0)


def as_asked(query: Query, text: str) -> Query:
    """The query whose words were answered, ranked by relevance, which alone has scores."""
    return replace(query, text=text or query.text, sort=Sort.RELEVANCE)
