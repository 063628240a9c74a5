"""From a query to the body of a search request. Pure: no server, no clock."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from riverline.search import addresses, ranking, required_words
from riverline.search.analysis import amounts, measures, writing_systems
from riverline.search.analysis.synonyms import NONE, Synonyms
from riverline.search.analysis.writing_systems import telling
from riverline.search.cursor import Position, decoded
from riverline.search.mappings import field as read_by
from riverline.search.matching import Alternatives, matched, phrased
from riverline.search.results import BRIEF, NAMES
from riverline.search.syntax import Words, words

SHOWN = (*NAMES, "tags")
MARKED = ("title", "summary", "body")
FACETS = {"site": "site", "content_type": "content_type", "locale": "locale", "tag": "tags"}
FACET_SIZE = 10
MONTH = "month"  # of the publication, in UTC
_MONTHS: dict[str, Any] = {
    "date_histogram": {
        "field": "created_at",  # a page that does not say when it was published is in no month
        "calendar_interval": "month",
        "format": "yyyy-MM",
        "min_doc_count": 1,
        "order": {"_key": "desc"},
    }
}
_BRIEF: dict[str, Any] = {"_source": False, "docvalue_fields": list(BRIEF)}
DAY_MS = 86_400_000


class Sort(StrEnum):
    RELEVANCE = "relevance"
    NEWEST = "newest"
    CLICKS = "clicks"


@dataclass(frozen=True, slots=True)
class Query:
    """One search. Empty fields do not restrict; locale, content_type and site take several values, with commas between
    them. The publication is at `since` or later and before `until` (ms)."""

    text: str = ""
    locale: str = ""  # ko-KR; a language alone (ko) takes all of its regions
    content_type: str = ""
    source: str = ""
    site: str = ""
    tag: str = ""
    group: str = ""  # opens a group: its members, not collapsed
    since: int | None = None
    until: int | None = None
    sort: Sort = Sort.RELEVANCE
    exact: bool = False  # the words as they are: no other spelling in their place
    beside: str = ""  # the text in another spelling, which is looked for too
    limit: int = 10
    enough: int = 0  # results, below which fewer of the words are enough; 0: a page
    after: Position | None = None
    facets: bool = True
    brief: bool = False  # of each result its id, group and score alone
    synonyms: Synonyms = field(default=NONE, compare=False, repr=False)

    @property
    def words(self) -> Words:
        return words(self.text)

    @property
    def is_filtered(self) -> bool:
        """If something but the words restricts it."""
        values = (self.locale, self.content_type, self.source, self.site, self.tag, self.group)
        return any(values) or self.since is not None or self.until is not None

    def ordered(self, sort: Sort | None) -> Query:
        """In that order; by default the newest first where there are no words to rank by."""
        return replace(self, sort=sort or (Sort.RELEVANCE if self.words.text else Sort.NEWEST))

    def continued(self, cursor: str) -> Query:
        """From a cursor on, if there is one. Raises Invalid where it is damaged or belongs to another query."""
        return replace(self, after=decoded(cursor, self.key)) if cursor else self

    @property
    def key(self) -> str:
        """What must stay the same from page to page."""
        names = ("text", "locale", "content_type", "source", "site", "tag", "group", "since", "until", "exact")
        return repr([self.sort.value, *(getattr(self, name) for name in names)])


def search_body(query: Query, now_ms: int, loose: bool = False) -> dict[str, Any]:
    """The request for one page of results, one hit more than asked for. `now_ms`: what recency is measured from."""
    parts = query.words
    others = alternatives(query, parts)
    body: dict[str, Any] = {
        "size": query.limit + 1,
        "query": scored(query, parts, others, now_ms, loose),
        "sort": order(query.sort),
        "track_total_hits": True,
        **(_BRIEF if query.brief else _shown(query, parts, others)),
    }
    if query.after is not None:
        return {**body, "search_after": list(query.after.values)}
    if not query.group:
        body["collapse"] = {"field": "cluster"}
    if query.facets:
        counted = {name: {"terms": {"field": of, "size": FACET_SIZE}} for name, of in FACETS.items()}
        body["aggs"] = {**counted, MONTH: _MONTHS}
    return body


def shown_body(query: Query, ids: Sequence[str]) -> dict[str, Any]:
    """What is shown of these documents as results of the query."""
    parts = query.words
    only = {"bool": {"filter": [{"terms": {"id": list(ids)}}]}}
    asked = {"size": len(ids), "query": only, "track_total_hits": False}
    return {**asked, **_shown(query, parts, alternatives(query, parts))}


def _shown(query: Query, parts: Words, others: Alternatives) -> dict[str, Any]:
    return {"_source": list(SHOWN), "highlight": highlight(parts, {**others, "": words(query.beside).words})}


def leaders_body(query: Query, now_ms: int, clusters: list[str], loose: bool = False) -> dict[str, Any]:
    """For each of the clusters, the member that this query ranks first, and how many members match."""
    parts = query.words
    matching = scored(query, parts, alternatives(query, parts), now_ms, loose)
    return {
        "size": len(clusters),
        "query": {"bool": {"must": [matching], "filter": [{"terms": {"cluster": clusters}}]}},
        "sort": order(query.sort),
        "collapse": {"field": "cluster"},
        "_source": ["id", "cluster"],
        "aggs": {"cluster": {"terms": {"field": "cluster", "size": len(clusters), "include": clusters}}},
    }


def order(sort: Sort) -> list[dict[str, Any]]:
    """What results are sorted by. The id comes last, so that no two stand at the same place."""
    by: dict[Sort, list[dict[str, Any]]] = {
        Sort.RELEVANCE: [{"_score": "desc"}],
        Sort.NEWEST: [{"dated_at": "desc"}],
        Sort.CLICKS: [{"click_count": "desc"}, {"dated_at": "desc"}],
    }
    return [*by[sort], {"id": "asc"}]


def scored(query: Query, parts: Words, others: Alternatives, now_ms: int, loose: bool) -> dict[str, Any]:
    """What matches, and what it is worth. `others`: what may stand in the place of its words."""
    matching = _either_spelling(query, parts, others, required_words.minimum(query.sort is Sort.RELEVANCE, loose))
    matching["bool"]["filter"] = [*matching["bool"].get("filter", ()), *filters(query, parts)]
    matching["bool"]["must_not"] = exclusions(query, parts)
    if query.sort is not Sort.RELEVANCE or not parts.text:
        return {"bool": matching["bool"]}
    return {
        "function_score": {
            "query": matching,
            "functions": [*_kinds(), _recency(now_ms), _clicks()],
            "score_mode": "sum",
            "boost_mode": "multiply",
        }
    }


def _either_spelling(query: Query, parts: Words, others: Alternatives, least: str) -> dict[str, Any]:
    own = matched(parts, least, others)
    if not query.beside:
        return own
    beside = words(query.beside)
    respelled = matched(beside, least, alternatives(query, beside))["bool"]
    spellings = [own, {"bool": {**respelled, "boost": ranking.RESPELLED_WEIGHT}}]
    return {"bool": {"should": spellings, "minimum_should_match": 1}}


def alternatives(query: Query, parts: Words) -> dict[str, list[str]]:
    """What is looked for beside each word, where something means the same."""
    found = {word: list(texts) for word, texts in query.synonyms.alternatives(parts.words).items()}
    for more in (amounts.alternatives(parts.words), measures.alternatives(parts.words)):
        for word, texts in more.items():
            found.setdefault(word, []).extend(texts)
    return found


def _kinds() -> list[dict[str, Any]]:
    lists = {"terms": {"content_type": list(ranking.LISTS)}}
    others = {"bool": {"must_not": [lists]}}
    return [{"filter": lists, "weight": ranking.LIST_WEIGHT}, {"filter": others, "weight": 1}]


def _recency(now_ms: int) -> dict[str, Any]:
    decay = {"origin": now_ms, "scale": f"{ranking.RECENCY_HALF_LIFE_DAYS}d", "decay": 0.5}
    # A page without a date is neither new nor old: without the filter the decay would take it for brand new.
    dated = {"exists": {"field": "created_at"}}
    return {"filter": dated, "exp": {"created_at": decay}, "weight": ranking.RECENCY_WEIGHT}


def _clicks() -> dict[str, Any]:
    count = {"field": "click_count", "modifier": "ln1p", "missing": 0}
    return {"field_value_factor": count, "weight": ranking.CLICKS_WEIGHT}


def filters(query: Query, parts: Words) -> list[dict[str, Any]]:
    """What every result must be. Several sites or authors are a choice; several tags must all be there."""
    terms = {"source": query.source, "cluster": query.group}
    several = {"content_type": choices(query.content_type), "site": choices(query.site)}
    found: list[dict[str, Any]] = [{"term": {name: value}} for name, value in terms.items() if value]
    found += [{"terms": {name: values}} for name, values in several.items() if values]
    found += [{"term": {"tags": tag}} for tag in (query.tag, *parts.tags) if tag]
    if query.locale:
        found.append({"bool": {"should": [each for one in choices(query.locale) for each in _locale(one)]}})
    if parts.sites:
        found.append(addresses.on(parts.sites))
    if parts.authors:
        found.append({"bool": {"should": [_author(name) for name in parts.authors]}})
    if query.since is not None or query.until is not None:
        found.append({"range": {"created_at": {**_bound("gte", query.since), **_bound("lt", query.until)}}})
    return found


def choices(values: str) -> list[str]:
    """The values of a filter."""
    return [value for value in values.split(",") if value]


def is_browsing(query: Query, parts: Words) -> bool:
    """Without words or a kind, what lists other pages is nothing to look at."""
    return not (parts.text or query.content_type or query.group)


def exclusions(query: Query, parts: Words) -> list[dict[str, Any]]:
    """What no result may be."""
    found: list[dict[str, Any]] = (
        [{"terms": {"content_type": list(ranking.LISTS)}}] if is_browsing(query, parts) else []
    )
    found += [phrased(text) for text in parts.without]
    found += [{"term": {"tags": tag}} for tag in parts.without_tags]
    found += [_author(name) for name in parts.without_authors]
    return [*found, addresses.on(parts.without_sites)] if parts.without_sites else found


def _locale(locale: str) -> list[dict[str, Any]]:
    exact = {"term": {"locale": locale}}
    return [exact] if "-" in locale else [exact, {"prefix": {"locale": f"{locale}-"}}]


def _author(name: str) -> dict[str, Any]:
    return {"match": {"author.std": {"query": name, "operator": "and"}}}


def _bound(name: str, value: int | None) -> dict[str, int]:
    return {} if value is None else {name: value}


def _marked(parts: Words, others: Mapping[str, Sequence[str]], fields: list[str]) -> dict[str, Any]:
    """The words and phrases alone: what else the query weighs (pairs, function words) would be looked for again."""
    instead = [text for texts in others.values() for text in texts]
    single = " ".join(dict.fromkeys((*telling(parts.words), *(text for text in instead if " " not in text))))
    words = [{"multi_match": {"query": single, "fields": fields, "type": "most_fields"}}] if single else []
    return {"bool": {"should": [*words, *map(phrased, (*parts.phrases, *(text for text in instead if " " in text)))]}}


def highlight(parts: Words, others: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """The fields in which words are marked: each as the analysers of this query read it, escaped for HTML."""
    found = dict.fromkeys((*parts.words, *parts.phrases, *(text for texts in others.values() for text in texts)))
    asked = dict.fromkeys(analyser for text in found for analyser in writing_systems.analysers(text))
    title = {"number_of_fragments": 0}
    text = {"number_of_fragments": 2, "fragment_size": 140, "no_match_size": 0}
    fields = {read_by(name, analyser): title if name == "title" else text for analyser in asked for name in MARKED}
    return {
        **({"highlight_query": _marked(parts, others, list(fields))} if fields else {}),
        "type": "unified",
        "encoder": "html",
        "pre_tags": ["<mark>"],
        "post_tags": ["</mark>"],
        "max_analyzed_offset": 200_000,
        "fields": fields,
    }
