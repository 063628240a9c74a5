"""A plain search over documents in memory, for tests: the same filters, order, groups and pages as the real index has;
words are found as parts of the folded text, and ranked by the fields they stand in."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from riverline.model import Document
from riverline.parsing.fingerprint import folded_text, url_id
from riverline.search.analysis.writing_systems import telling
from riverline.search.cursor import Position, Value
from riverline.search.matching import quoting, unquoted
from riverline.search.query import FACET_SIZE, FACETS, MONTH, Query, Sort, choices, is_browsing
from riverline.search.ranking import FIELD_WEIGHTS, LIST_WEIGHT, LISTS
from riverline.search.required_words import ANY_WORD_FROM
from riverline.search.results import Hit, Results, escaped
from riverline.search.syntax import Words, words


@dataclass(frozen=True, slots=True)
class Held:
    """A document as the index holds it."""

    document: Document
    clicks: int = 0

    @property
    def id(self) -> str:
        return url_id(self.document.url)

    @property
    def dated_at(self) -> int:
        created = self.document.created_at
        return self.document.crawled_at if created is None else created

    @property
    def cluster(self) -> str:
        return self.document.group or self.document.text_digest or self.id


def page(query: Query, now_ms: int, held: Iterable[Held]) -> Results:
    """The page that the query asks for."""
    parts = query.words
    candidates = [one for one in held if _passes(one, query, parts)]
    loose = query.after.loose if query.after else False
    ordered = query.sort is not Sort.RELEVANCE
    matching = _either(candidates, query, ordered, loose)
    if query.after is None and len(matching) < query.limit and not ordered:
        looser = _either(candidates, query, ordered, loose=True)
        loose, matching = (True, looser) if len(looser) > len(matching) else (False, matching)
    ranked = sorted((_hit(one, query.sort, parts) for one in matching), key=lambda hit: _key(hit.sort))
    leaders = ranked if query.group else _leaders(ranked)
    rest = [hit for hit in leaders if query.after is None or _key(hit.sort) > _key(query.after.values)]
    shown = rest[: query.limit]
    if query.brief:
        shown = [_brief(hit) for hit in shown]
    start = query.after.now_ms if query.after else now_ms
    following = Position(shown[-1].sort, start, loose) if len(rest) > query.limit else None
    counted = _facets(matching) if query.facets and query.after is None else {}
    return Results(tuple(shown), len(ranked), following, loose, counted)


def _either(candidates: Sequence[Held], query: Query, ordered: bool, loose: bool) -> list[Held]:
    """What the words find, or those of the other spelling that is looked for beside them."""
    found = _matching(candidates, query.words, ordered, loose)
    others = _matching(candidates, words(query.beside), ordered, loose) if query.beside else []
    return [*found, *(one for one in others if one not in found)]


def _matching(candidates: Sequence[Held], parts: Words, ordered: bool, loose: bool) -> list[Held]:
    if parts.unread:
        return []
    if loose and not ordered and quoting(parts):
        parts = unquoted(parts)
    wanted = list(dict.fromkeys(telling(parts.words)))
    least = _least(len(wanted), ordered, loose)
    return [
        one
        for one in candidates
        if sum(_holds(one, word) for word in wanted) >= least and all(_holds(one, phrase) for phrase in parts.phrases)
    ]


def _least(words: int, ordered: bool, loose: bool) -> int:
    """As `required_words.py` says."""
    if not ordered and (loose or words >= ANY_WORD_FROM):
        return min(words, 1)
    return words * 75 // 100 if ordered and words > 2 else min(words, 2)


def _leaders(ranked: list[Hit]) -> list[Hit]:
    sizes = Counter(hit.cluster for hit in ranked)
    first: dict[str, Hit] = {}
    for hit in ranked:
        first.setdefault(hit.cluster, replace(hit, group_size=sizes[hit.cluster]))
    return list(first.values())


def _key(values: Sequence[Value]) -> tuple[tuple[float, ...], str]:
    """Numbers descend, the id that comes last ascends."""
    *numbers, name = values
    return tuple(-float(number) for number in numbers), str(name)


def _passes(one: Held, query: Query, parts: Words) -> bool:
    document = one.document
    tags = {tag.lower() for tag in document.tags}
    exact = {"content_type": query.content_type, "source": query.source, "site": query.site}
    return (
        all(getattr(document, name) in choices(values) for name, values in exact.items() if values)
        and not (is_browsing(query, parts) and document.content_type in LISTS)
        and (not query.group or one.cluster == query.group)
        and all(tag.lower() in tags for tag in (query.tag, *parts.tags) if tag)
        and (not query.locale or any(_spoken(document, one) for one in choices(query.locale)))
        and (not parts.sites or _is_on(document.site, parts.sites))
        and (not parts.authors or any(_named(document, name) for name in parts.authors))
        and _published(document, query)
        and not _excluded(one, tags, parts)
    )


def _spoken(document: Document, locale: str) -> bool:
    return document.locale == locale or document.locale.startswith(f"{locale}-")


def _published(document: Document, query: Query) -> bool:
    if query.since is None and query.until is None:
        return True
    at = document.created_at
    return at is not None and (query.since or 0) <= at and (query.until is None or at < query.until)


def _excluded(one: Held, tags: set[str], parts: Words) -> bool:
    return (
        any(_holds(one, text) for text in parts.without)
        or _is_on(one.document.site, parts.without_sites)
        or any(tag.lower() in tags for tag in parts.without_tags)
        or any(_named(one.document, name) for name in parts.without_authors)
    )


def _is_on(site: str, hosts: Sequence[str]) -> bool:
    return any(site == host or site.endswith(f".{host}") for host in hosts)


def _named(document: Document, name: str) -> bool:
    return set(folded_text(name).split()) <= set(folded_text(document.author).split())


def _holds(one: Held, text: str) -> bool:
    return any(folded_text(text) in folded_text(field) for field in _texts(one.document).values())


def _texts(document: Document) -> Mapping[str, str]:
    tags = " ".join(document.tags)
    return {"title": document.title, "tags": tags, "summary": document.summary, "body": document.body}


def _score(one: Held, parts: Words) -> float:
    texts = _texts(one.document)
    found = [
        FIELD_WEIGHTS[name]
        for word in (*parts.words, *parts.phrases)
        for name, text in texts.items()
        if folded_text(word) in folded_text(text)
    ]
    kind = LIST_WEIGHT if one.document.content_type in LISTS else 1.0
    return kind * sum(found) if found else kind


def shown(query: Query, hits: Sequence[Hit], held: Iterable[Held]) -> list[Hit]:
    """The brief hits with all that is shown of them."""
    whole = {one.id: _hit(one, query.sort, query.words) for one in held}
    return [replace(whole[hit.id], score=hit.score, sort=hit.sort, group_size=hit.group_size) for hit in hits]


def _brief(hit: Hit) -> Hit:
    blank = Hit(hit.id, "", "", "", "", "", "", "", 0, group=hit.group, cluster=hit.cluster)
    return replace(blank, score=hit.score, sort=hit.sort, group_size=hit.group_size)


def _hit(one: Held, sort: Sort, parts: Words) -> Hit:
    document = one.document
    score = _score(one, parts)
    by: dict[Sort, tuple[Value, ...]] = {
        Sort.RELEVANCE: (score, one.id),
        Sort.NEWEST: (one.dated_at, one.id),
        Sort.CLICKS: (one.clicks, one.dated_at, one.id),
    }
    names = ("url", "title", "summary", "site", "content_type", "locale", "source", "crawled_at", "created_at", "tags")
    more = ("site_name", "author", "image", "seconds", "views", "group")
    return Hit(
        id=one.id,
        **{name: getattr(document, name) for name in (*names, *more)},
        click_count=one.clicks,
        cluster=one.cluster,
        title_html=_marked(document.title, parts),
        summary_html=_marked(document.summary, parts),
        score=score if sort is Sort.RELEVANCE else None,
        sort=by[sort],
    )


def _marked(text: str, parts: Words) -> str:
    words = [re.escape(escaped(word)) for word in (*parts.words, *parts.phrases)]
    if not words:
        return escaped(text)
    return re.sub("|".join(words), lambda match: f"<mark>{match[0]}</mark>", escaped(text), flags=re.IGNORECASE)


def _facets(matching: Sequence[Held]) -> dict[str, list[tuple[str, int]]]:
    found = {}
    for name, field in FACETS.items():
        values: Counter[str] = Counter()
        for one in matching:
            value = getattr(one.document, field)
            values.update(value if isinstance(value, tuple) else (value,))
        found[name] = sorted(values.items(), key=lambda pair: (-pair[1], pair[0]))[:FACET_SIZE]
    dates = [one.document.created_at for one in matching if one.document.created_at is not None]
    months = Counter(f"{datetime.fromtimestamp(at / 1000, UTC):%Y-%m}" for at in dates)
    found[MONTH] = sorted(months.items(), reverse=True)
    return found
