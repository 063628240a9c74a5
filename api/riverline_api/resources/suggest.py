"""What to search for: `/api/v1/search/suggest` while typing, `/api/v1/search/popular`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from flask import Flask, Response, current_app, jsonify
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field

from riverline.search.autocomplete import Beginnings, Suggestion, letters, typed_part
from riverline_api.context import services
from riverline_api.http.problems import described
from riverline_api.http.requests import Parameters
from riverline_api.http.stale_cache import StaleWhileRevalidate

suggest = APIBlueprint(
    "suggest",
    __name__,
    url_prefix="/api/v1/search",
    abp_tags=[Tag(name="search", description="Search in pages and posts")],
)

LOCALE = r"^([A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$"
WINDOWS = {"day": 86_400_000, "week": 7 * 86_400_000, "month": 30 * 86_400_000}
FRESH_SECONDS = 30.0  # popular queries are asked for no more often than that
KEPT_SECONDS = 300.0  # older ones are fetched again before answering
MOST_KNOWN = 1000
QUERIES = 4  # of the suggestions at most: what others searched for comes after titles and tags
_KEY = "riverline-popular"


class SuggestQuery(Parameters):
    """What was typed so far."""

    q: str = Field(min_length=1, max_length=100, json_schema_extra={"example": "ㅎㄱ"})
    locale: str = Field("", pattern=LOCALE, description="BCP 47; a language alone takes all its regions")
    limit: int = Field(8, ge=1, le=20)


class SuggestItem(BaseModel):
    """A text to search for."""

    text: str
    kind: Literal["query", "title", "tag"] = Field(description="what others searched for, a page's title, or a tag")
    typed: list[int] = Field(description="from which character to which it is what was typed; `[0, 0]` for nowhere")


class SuggestAnswer(BaseModel):
    items: list[SuggestItem]


class PopularQuery(Parameters):
    """Of which readers, and since when."""

    locale: str = Field("", pattern=LOCALE)
    window: Literal["day", "week", "month"] = "week"
    limit: int = Field(10, ge=1, le=100)


class PopularItem(BaseModel):
    keyword: str
    searches: int


class PopularAnswer(BaseModel):
    items: list[PopularItem]


@suggest.get("/suggest", responses={200: SuggestAnswer, **described(422, 503)})
def suggestions(query: SuggestQuery) -> Response:
    """Completes what is typed, by text or by word; Hangul letter by letter, or by initial consonants."""
    typed = letters(query.q)
    named = services().index.suggestions(typed, query.locale, query.limit) if typed else []
    own = {one.text.casefold() for one in named}
    searched = [word for word in _beginnings(query.locale).of(typed, QUERIES) if word.casefold() not in own]
    items = [*named[: max(1, query.limit - len(searched))], *(Suggestion(word, "query") for word in searched)]
    items = items[: query.limit]
    answer = jsonify(items=[_item(one, typed) for one in items])
    answer.headers["Cache-Control"] = "private, max-age=60"
    return answer


def _item(one: Suggestion, typed: str) -> dict[str, object]:
    return {"text": one.text, "kind": one.kind, "typed": typed_part(one.text, typed)}


@suggest.get("/popular", responses={200: PopularAnswer, **described(422, 503)})
def popular(query: PopularQuery) -> Response:
    """What several people searched for, and found; as many as `RIVERLINE_SEARCH__PEOPLE` says."""
    words = popular_words(query.locale, query.window)[: query.limit]
    return jsonify(items=[{"keyword": word, "searches": count} for word, count in words])


def popular_words(locale: str, window: str) -> list[tuple[str, int]]:
    """What is searched for most, with how often, as it was a short time ago."""
    known: StaleWhileRevalidate = current_app.extensions[_KEY]
    found: list[tuple[str, int]] = known.get((locale, window), _asking(locale, window))
    return found


def _beginnings(locale: str) -> Beginnings:
    """What is searched for most, by what is typed on the way to it."""
    known: StaleWhileRevalidate = current_app.extensions[_KEY]
    ask = _asking(locale, "month")
    found: Beginnings = known.get(("beginnings", locale), lambda: Beginnings(word for word, _ in ask()))
    return found


def _asking(locale: str, window: str) -> Callable[[], list[tuple[str, int]]]:
    """Asks the index; outside of the request too."""
    index, since = services().index, services().now_ms() - WINDOWS[window]
    people = services().settings.search.people
    return lambda: index.popular(since, locale, MOST_KNOWN, people)


def register(app: Flask) -> None:
    """Adds both to an application."""
    app.extensions[_KEY] = StaleWhileRevalidate(FRESH_SECONDS, KEPT_SECONDS)
    app.register_api(suggest)  # type: ignore[attr-defined]
