"""Filters of the search page: from the address, as chips to remove, and as choices."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import partial
from urllib.parse import urlencode

from riverline.search.query import MONTH, choices
from riverline_api.web import i18n

SEVERAL = ("site", "content_type", "locale")  # filters that take several values
SINGLE = ("tag", "group", "source")
HOUR_MS, DAY_MS = 3_600_000, 86_400_000
TIMES = {"day": DAY_MS, "week": 7 * DAY_MS, "month": 30 * DAY_MS, "year": 365 * DAY_MS}
BETWEEN = ("from", "to")
FIRST = 5  # values of a facet that are shown at once
_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])-01", re.ASCII)


@dataclass(frozen=True, slots=True)
class Chip:
    """A filter that is on, in words, and the address of the search without it."""

    text: str
    without: str


@dataclass(frozen=True, slots=True)
class FilterChoice:
    """A value that can be chosen or taken back, with the number of its results where that is known."""

    text: str
    count: int | None
    address: str
    on: bool


@dataclass(frozen=True)
class SearchAddress:
    """A search as its address says it. `kept`: the parameters that every link of the page keeps."""

    kept: Mapping[str, str]

    def link(self, **changed: str) -> str:
        """The address with something changed; an empty value drops a parameter. It leads to the first page."""
        found = {**self.kept, **changed}
        if "q" in changed:
            found["exact"] = ""  # it was said of the words before
        if changed.get("time"):
            found |= dict.fromkeys(BETWEEN, "")
        elif any(changed.get(name) for name in BETWEEN):
            found["time"] = ""
        said = {name: value for name, value in found.items() if value}
        return f"/?{urlencode(said)}" if said else "/"

    def toggled(self, name: str, value: str) -> str:
        """The address with a value more or less."""
        there = choices(self.kept.get(name, ""))
        there = [one for one in there if one != value] if value in there else [*there, value]
        return self.link(**{name: ",".join(there)})

    @property
    def filters(self) -> dict[str, str]:
        """Those that are on."""
        names = (*SEVERAL, *SINGLE, "time", *BETWEEN)
        return {name: self.kept[name] for name in names if self.kept.get(name)}

    @property
    def unfiltered(self) -> str:
        return self.link(**dict.fromkeys(self.filters, ""))


def since(time: str, now_ms: int) -> int:
    """When a time like `week` began, to the hour: whoever asks within it shares an answer."""
    return (now_ms - TIMES[time]) // HOUR_MS * HOUR_MS


def chips(address: SearchAddress, language: str) -> list[Chip]:
    """The filters that are on."""
    found = [
        Chip(in_words(language, name, value), address.toggled(name, value))
        for name in SEVERAL
        for value in choices(address.kept.get(name, ""))
    ]
    found += [
        Chip(in_words(language, name, address.kept[name]), address.link(**{name: ""}))
        for name in (*SINGLE, "time")
        if address.kept.get(name)
    ]
    return [*found, *_between(address, language)]


def _between(address: SearchAddress, language: str) -> list[Chip]:
    first, last = (address.kept.get(name, "") for name in BETWEEN)
    if first and last and last == _next_month(first):
        return [Chip(in_words(language, MONTH, first[:7]), address.link(**dict.fromkeys(BETWEEN, "")))]
    return [
        Chip(i18n.translate(language, f"search.{name}_day", day=_written(language, value)), address.link(**{name: ""}))
        for name, value in zip(BETWEEN, (first, last), strict=True)
        if value
    ]


def in_words(language: str, name: str, value: str) -> str:
    """A filter's value as a reader would say it."""
    say = partial(i18n.translate, language)
    match name:
        case "content_type" | "source":
            return say(f"search.{value}")
        case "locale":
            return i18n.language_name(language, value)
        case "tag":
            return f"#{value}"
        case "group":
            return say("search.one_group")
        case "time":
            return say(f"search.past_{value}")
        case _ if name == MONTH:
            return i18n.month(language, _ms(date.fromisoformat(f"{value}-01")))
    return value


def facet(address: SearchAddress, language: str, name: str, buckets: Sequence[tuple[str, int]]) -> list[FilterChoice]:
    """The values of a facet; those that are on come first, also where nothing has them."""
    counts = dict(buckets)
    on = choices(address.kept.get(name, "")) if name in SEVERAL else []
    link = partial(_single, address, name) if name not in SEVERAL else partial(address.toggled, name)
    values = [*on, *(value for value in counts if value not in on)]
    return [
        FilterChoice(in_words(language, name, value), counts.get(value, 0), link(value), value in on)
        for value in values
    ]


def _single(address: SearchAddress, name: str, value: str) -> str:
    if name != MONTH:
        return address.link(**{name: value})
    first = f"{value}-01"
    return address.link(**dict(zip(BETWEEN, (first, _next_month(first)), strict=True)))


def times(address: SearchAddress, language: str) -> list[FilterChoice]:
    """How old results may be."""
    now = address.kept.get("time", "")
    free = not now and not any(address.kept.get(name) for name in BETWEEN)
    anytime = address.link(**dict.fromkeys(("time", *BETWEEN), ""))
    return [
        FilterChoice(i18n.translate(language, "search.any_time"), None, anytime, free),
        *(FilterChoice(in_words(language, "time", one), None, address.link(time=one), one == now) for one in TIMES),
    ]


def _next_month(first: str) -> str:
    """The first day of the month after the one that begins then; empty where none does."""
    if not _MONTH.fullmatch(first):
        return ""
    return f"{(date.fromisoformat(first) + timedelta(days=32)).replace(day=1)}"


def _written(language: str, value: str) -> str:
    """A day in words; a time as it stands in the address."""
    try:
        return i18n.day(language, _ms(date.fromisoformat(value)))
    except ValueError:
        return value


def _ms(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


Find = Callable[..., Mapping[str, Sequence[tuple[str, int]]]]


def open_facets(
    facets: Mapping[str, Sequence[tuple[str, int]]], chosen: Iterable[str], without: Find
) -> dict[str, Sequence[tuple[str, int]]]:
    """The facets with each that is filtered by counted as if it were not: its other values can be chosen too.

    `without`: the facets of the search without the filter of that name."""
    return {**facets, **{name: without(name).get(name, ()) for name in SEVERAL if name in chosen}}
