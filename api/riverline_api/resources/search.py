"""`GET /api/v1/search`: pages and posts, found by words, filters and order."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import cached_property
from typing import Any

import orjson
from flask import abort, g
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from riverline.accounts.tokens import ADMIN
from riverline.search import cursor
from riverline.search.popular import suggestible
from riverline.search.query import Query, Sort, choices
from riverline.search.result_cache import CachedResults
from riverline.search.results import Hit, Results
from riverline_api.context import send, services
from riverline_api.http.datetimes import Time, rfc3339
from riverline_api.http.problems import described
from riverline_api.http.requests import Parameters, lean, link_next
from riverline_api.http.signing import signer
from riverline_api.metrics import SEARCH_SECONDS
from riverline_api.resources.impressions import shown
from riverline_api.resources.persons import hashed, is_bot

search = APIBlueprint(
    "search", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="search", description="Search in pages and posts")]
)

LOCALE = r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*(,[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*)*)?$"
OUTDATED = "these results may be some minutes old: the index is busy or does not answer"
NOT_GUARDED = object()  # in the place of a token, where none is asked for
MOST_FORMS = 4  # of one page of results: cursors belong to a query as it was written
MOST_EXPLAINED = 10  # the server works out the scores of each once more, which its timeout does not bound
LONGEST = 4_000  # characters of a query: what it costs is bounded by its words (search/syntax.py)
Short = Field("", max_length=255)


class SearchQuery(Parameters):
    """What to look for. Without `q`, everything that passes the filters, the newest first."""

    q: str = Field(
        "",
        max_length=LONGEST,
        description='Words, "phrases", -exclusions, and `site:`, `tag:`, `author:` with a word or a phrase',
        json_schema_extra={"example": "한강 자전거 -공사"},
    )
    locale: str = Field(
        "",
        pattern=LOCALE,
        max_length=255,
        description="BCP 47; a language alone takes all its regions; several with commas between them",
        json_schema_extra={"example": "ko-KR"},
    )
    content_type: str = Field(
        "", max_length=255, description="several with commas between them", json_schema_extra={"example": "article"}
    )
    source: str = Field("", pattern=r"^(crawl|post)?$", description="`crawl` or `post`")
    site: str = Field("", max_length=1024, description="a host, without `www.`; several with commas between them")
    tag: str = Short
    group: str = Field("", max_length=255, description="shows all members of a result's group")
    since: Time = Field(None, alias="from", description="published then or later (RFC 3339, or a day in UTC)")
    until: Time = Field(None, alias="to", description="published before")
    sort: Sort | None = Field(None, description="by default `relevance` with words, `newest` without")
    limit: int = Field(10, ge=1, le=100)
    explain: bool = Field(
        False,
        description="what each score is made of; needs a token with the scope admin, the order of relevance, and a "
        f"`limit` of at most {MOST_EXPLAINED}",
    )
    exact: bool = Field(False, description="searches for the words as typed, without trying another spelling")
    cursor: str = Field("", max_length=3072, description="`next_cursor` of the previous page")

    @cached_property
    def asked(self) -> Query:
        """The core's form of it: made once, since many ask the same. Raises Invalid for a cursor that is another's."""
        made = Query(
            text=self.q,
            locale=_several(self.locale),
            content_type=_several(self.content_type),
            source=self.source,
            site=_several(self.site, lambda host: host.lower().removeprefix("www.")),
            tag=self.tag,
            group=self.group,
            since=self.since,
            until=self.until,
            exact=self.exact,
            limit=self.limit,
        )
        return made.ordered(self.sort).continued(signer().opened(self.cursor) if self.cursor else "")


def _several(values: str, form: Callable[[str], str] = str) -> str:
    """The values of a filter in one order, each once: whoever asks for the same shares an answer."""
    return ",".join(sorted({form(value.strip()) for value in choices(values) if value.strip()}))


class Highlights(BaseModel):
    """HTML, escaped, with the words that were found in `<mark>`."""

    title: str
    summary: str


class Explanation(BaseModel):
    """What a score is made of: fields, phrase, closeness, syllables, kind, recency, clicks. The parts add up to it."""

    score: float
    parts: dict[str, float] = Field(examples=[{"title": 5.1, "body": 2.2, "recency": 0.4, "clicks": 0.1}])


class SearchItem(BaseModel):
    """One result."""

    url: str
    title: str
    summary: str
    highlights: Highlights
    site: str
    site_name: str = Field(description="as the page gives it; empty where it does not")
    content_type: str
    source: str
    created_at: str | None = Field(description="published (RFC 3339, UTC); null where the page does not say")
    crawled_at: str
    locale: str
    tags: list[str]
    author: str
    image: str
    click_count: int
    seconds: int = Field(description="a video's length; 0 for what is none")
    views: int = Field(description="a video's, as its site counted them when it was crawled")
    group: str = Field(description="what `group` takes; empty where the result stands alone")
    group_size: int
    explanation: Explanation | None = Field(None, description="where `explain` asks for it")


class Bucket(BaseModel):
    """A value, and how many results have it."""

    value: str
    count: int


class SearchAnswer(BaseModel):
    """One page of results."""

    items: list[SearchItem]
    next_cursor: str | None = Field(description="null on the last page")
    total: int = Field(description="matching documents; each member of a group counts")
    took_ms: int
    request_id: str
    loose: bool = Field(description="too few pages contain enough of the words, so fewer were required")
    corrected: str | None = Field(
        description="the results are for this spelling: the words as typed find nothing (`exact=true` insists on them)"
    )
    did_you_mean: str | None = Field(
        description="another spelling, where few results were found or a word is in no document"
    )
    cached: bool = Field(description="found seconds ago, for an earlier request")
    warning: str | None = Field(description="what is wrong with this answer: it is older than usual")
    facets: dict[str, list[Bucket]] = Field(description="on the first page: site, content_type, locale, tag, month")


@search.get("/search", responses={200: SearchAnswer, **described(403, 422, 503)})
@lean
def find(query: SearchQuery) -> bytes:
    """Pages and posts that match, a page at a time.

    Results that share a text are shown as one. Pages follow each other without an end: there is no limit to the depth.
    """
    asked = query.asked
    if query.explain:
        return _explained(asked)
    found, took_ms = _timed(asked)
    if asked.text and asked.after is None:
        record(asked, found.results, took_ms)
    shown(found.results.hits)
    page, following = _form(asked, found)
    link_next(following)
    return _answer(found, took_ms, page)


def _explained(asked: Query) -> bytes:
    """The same page with its scores. Nothing of it is kept or filed."""
    token = g.get("token", NOT_GUARDED)
    if token is not NOT_GUARDED and (token is None or ADMIN not in token.scopes):
        abort(403, "explain needs a token with the scope admin")
    if asked.sort is not Sort.RELEVANCE:
        abort(422, "explain needs words, and the order of relevance")
    if asked.limit > MOST_EXPLAINED:
        abort(422, f"explain takes a limit of at most {MOST_EXPLAINED}")
    found, took_ms = _timed(asked)
    body = orjson.loads(_answer(found, took_ms, _form(asked, found)[0]))
    parts = services().search.explained(asked, found)
    for one, hit, made_of in zip(body["items"], found.results.hits, parts, strict=True):
        one["explanation"] = {"score": hit.score or 0.0, "parts": made_of}
    return orjson.dumps(body)


def timed(asked: Query) -> tuple[Results, int]:
    """The results, and how long they took in ms."""
    found, took_ms = _timed(asked)
    return found.results, took_ms


def _timed(asked: Query) -> tuple[CachedResults, int]:
    start = time.perf_counter()
    found = services().search.page(asked)
    g.search_cached, g.search_outdated = found.cached, found.outdated
    took = time.perf_counter() - start
    if not found.cached:
        SEARCH_SECONDS.observe(took)
    return found, round(took * 1000)


def record(asked: Query, results: Results, took_ms: int) -> None:
    """Files the search later, if the task queue is there; the answer does not depend on it."""
    locale = "" if "," in asked.locale else asked.locale
    meant = "" if is_bot() else suggestible(results.corrected or asked.text)
    who = hashed(meant) if meant else ""
    facts = (asked.text, locale, services().now_ms(), results.total, took_ms, g.request_id)
    send()("tasks.record_search", *facts, meant, who, bool(results.corrected), asked.is_filtered)


def _answer(found: CachedResults, took_ms: int, page: bytes) -> bytes:
    """The body of the answer: what is this request's own, then what all who ask for the same page get."""
    own = {
        "took_ms": took_ms,
        "request_id": g.request_id,
        "cached": found.cached,
        "warning": OUTDATED if found.outdated else None,
    }
    return orjson.dumps(own)[:-1] + b"," + page[1:]


def _form(asked: Query, found: CachedResults) -> tuple[bytes, str | None]:
    """What all who ask for the same page get, and the cursor of the next one: made once for most of them."""
    forms, results = found.kept.forms, found.results
    form: tuple[bytes, str | None] | None = forms.get(asked)
    if form is None:
        following = signer().signed(cursor.encoded(results.next, asked.key)) if results.next else None
        form = orjson.dumps(_page(results, following)), following
        if len(forms) < MOST_FORMS:
            forms[asked] = form
    return form


def _page(results: Results, following: str | None) -> dict[str, Any]:
    return {
        "items": [item(hit) for hit in results.hits],
        "next_cursor": following,
        "total": results.total,
        "loose": results.loose,
        "facets": facets(results),
        "corrected": results.corrected or None,
        "did_you_mean": results.better or None,
    }


def facets(results: Results) -> Mapping[str, list[dict[str, Any]]]:
    return {name: [{"value": value, "count": n} for value, n in pairs] for name, pairs in results.facets.items()}


PLAIN = (
    "url",
    "title",
    "summary",
    "site",
    "site_name",
    "content_type",
    "source",
    "locale",
    "author",
    "image",
    "click_count",
    "seconds",
    "views",
    "group_size",
)


def item(hit: Hit) -> dict[str, Any]:
    """A result as it is shown."""
    return {
        **{name: getattr(hit, name) for name in PLAIN},
        "highlights": {"title": hit.title_html, "summary": hit.summary_html},
        "created_at": rfc3339(hit.created_at),
        "crawled_at": rfc3339(hit.crawled_at),
        "tags": list(hit.tags),
        "group": hit.group,
    }
