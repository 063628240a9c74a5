"""What a page asks of robots, in its `X-Robots-Tag` headers and its meta elements: one parser for both. Pure.

All that is said adds up, wherever it stands, and the stricter of two words counts: a page that says `index` here and
`noindex` there is not indexed. What is said to another crawler by its name is not said to this one; of names, `robots`,
`*` and this crawler's own count. Directives are parted by commas or spaces; in a header a name with a colon is for whom
all that follows is meant, up to the next name. After what Google and Bing tell webmasters: there is no standard.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from riverline.parsing.html.named import Named

OWN_NAME = "riverlinebot"
FOR_US = frozenset({"", "*", "robots", OWN_NAME})
VALUED = frozenset({"max-snippet", "max-image-preview", "max-video-preview"})
EXPIRY = "unavailable_after"
_WORDS = """
all index follow archive snippet none noindex nofollow noarchive nocache nosnippet noimageindex notranslate noodp noydir
nositelinkssearchbox indexifembedded nopagereadaloud noai noimageai
"""
WORDS = frozenset(_WORDS.split()) | VALUED
TOKEN = re.compile(r"([\w*.-]+)(?:/[\w.*]+)?\s*:|([\w*.-]+)")
VALUE = re.compile(r"\s*([^\s,;]*)")
VALUE_WITHOUT_COLON = re.compile(r"(?:\s*=\s*|\s+(?=none\b|standard\b|large\b|-?\d))[^\s,;]*")
LONGEST = 4_000  # characters of one header or meta element
MONTHS_LATER = ("%d %B %Y", "%d-%b-%Y", "%d %b %Y", "%Y/%m/%d", "%d-%b-%Y %H:%M:%S", "%d %b %Y %H:%M:%S")
ZONE = re.compile(r"\s+(?:[A-Z]{2,4}|[+-]\d{2}:?\d{2})$")
WEEKDAY = re.compile(r"^[A-Za-z]{3,9},?\s+")


@dataclass(frozen=True, slots=True)
class Directives:
    """`unavailable_after`: ms since 1970 from which on the page is not to be shown; 0: it says nothing of it."""

    noindex: bool = False
    nofollow: bool = False
    unavailable_after: int = 0

    def __or__(self, other: Directives) -> Directives:
        times = [time for time in (self.unavailable_after, other.unavailable_after) if time]
        return Directives(self.noindex or other.noindex, self.nofollow or other.nofollow, min(times, default=0))

    def forbids_indexing(self, now_ms: int) -> bool:
        """Whether the page is not to be indexed at that time."""
        return self.noindex or bool(self.unavailable_after and now_ms >= self.unavailable_after)


def of_headers(values: Iterable[str]) -> Directives:
    """What all `X-Robots-Tag` headers of an answer say together."""
    return _sum(_read(value) for value in values)


def of_metas(page: Named) -> Directives:
    """What all meta elements of a page say together."""
    named = ((meta.attributes.get("name") or "", meta.attributes.get("content") or "") for meta in page.of("meta"))
    return _sum(_read(content) for name, content in named if name.strip().lower() in FOR_US - {""})


def _sum(found: Iterable[Directives]) -> Directives:
    total = Directives()
    for one in found:
        total |= one
    return total


def _read(text: str) -> Directives:
    words, expiry = set(), 0
    for agent, word, value in _said(text[:LONGEST].lower()):
        if agent not in FOR_US:
            continue
        words.add(word)
        if word == EXPIRY and (time := _time(value)):
            expiry = min(expiry or time, time)
    none = "none" in words
    return Directives(none or "noindex" in words, none or "nofollow" in words, expiry)


def _said(text: str) -> Iterator[tuple[str, str, str]]:
    """Each directive: for whom, the word, its value."""
    agent, place = "", 0
    while match := TOKEN.search(text, place):
        name, word = match[1], match[2]
        place = match.end()
        if name == EXPIRY:
            end = _end_of_date(text, place)
            yield agent, name, text[place:end]
            place = end
        elif name in VALUED or word in VALUED:
            value = (VALUE if name else VALUE_WITHOUT_COLON).match(text, place)
            place = value.end() if value else place
        elif name:
            agent = name
        elif word:
            yield agent, word, ""


def _end_of_date(text: str, start: int) -> int:
    """Where a date ends that may hold commas, colons and spaces: before the next word that is a directive."""
    for match in re.compile(r"[a-z_-]{3,}").finditer(text, start):
        if match[0] in WORDS or match[0] == EXPIRY:
            return match.start()
    return len(text)


def _time(text: str) -> int:
    """A date in RFC 822, RFC 850 or ISO 8601, in ms; 0 for what is none. Without a zone it is UTC."""
    written = text.strip(" ,;").upper()
    for read in (datetime.fromisoformat, parsedate_to_datetime, _looser):
        try:
            found = read(written)
            return int((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1000)
        except (ValueError, TypeError, OverflowError):
            continue
    return 0


def _looser(written: str) -> datetime:
    plain = ZONE.sub("", WEEKDAY.sub("", written)).strip()
    for form in MONTHS_LATER:
        try:
            return datetime.strptime(plain, form).replace(tzinfo=UTC)
        except ValueError:
            continue
    raise ValueError(f"not a date: {written}")
