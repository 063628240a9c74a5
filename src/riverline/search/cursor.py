"""Where a page of results ended, as an opaque string.

A cursor belongs to one query: given to another, it is refused rather than answered with a page that follows nothing.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from hashlib import blake2b

import orjson

from riverline.errors import Invalid

VERSION = 3
MOST_PLACES = 1_000
Value = str | int | float


@dataclass(frozen=True, slots=True)
class Position:
    """The sort values of the last result shown, when the first page was asked for, if few words were enough, the
    spelling that was answered, where it is another than the query's, and that which was looked for beside it. `place`:
    results shown so far, within those that are ordered anew by what they mean."""

    values: tuple[Value, ...]
    now_ms: int
    loose: bool = False
    text: str = ""
    beside: str = ""
    place: int = 0


def encoded(position: Position, query_key: str) -> str:
    """The cursor after this position. `query_key`: what of the query must stay the same from page to page."""
    values, spellings = list(position.values), (position.text, position.beside)
    parts = [VERSION, _check(query_key), values, position.now_ms, int(position.loose), *spellings]
    parts += [position.place] if position.place else []
    return base64.urlsafe_b64encode(orjson.dumps(parts)).rstrip(b"=").decode()


def decoded(cursor: str, query_key: str) -> Position:
    """The position that a cursor stands for. Raises Invalid for one that is damaged or of another query."""
    try:
        raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        version, check, values, now_ms, loose, text, beside, *places = orjson.loads(raw)
    except (ValueError, TypeError, binascii.Error):
        raise Invalid("cursor is damaged: leave it out to start again") from None
    if version != VERSION or check != _check(query_key):
        raise Invalid("cursor belongs to another query: leave it out to start again")
    if not _plausible(values, now_ms) or [type(text), type(beside)] != [str, str] or not _are_places(places):
        raise Invalid("cursor is damaged: leave it out to start again")
    return Position(tuple(values), now_ms, bool(loose), text, beside, *places)


def _plausible(values: object, now_ms: object) -> bool:
    if (
        not isinstance(values, list)
        or isinstance(now_ms, bool)
        or not isinstance(now_ms, int)
        or not 0 <= now_ms < 1 << 53
    ):
        return False
    return 1 < len(values) <= 4 and all(isinstance(value, str | int | float) for value in values)


def _are_places(places: list[object]) -> bool:
    return not places or (len(places) == 1 and type(places[0]) is int and 0 < places[0] < MOST_PLACES)


def _check(query_key: str) -> str:
    return blake2b(query_key.encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
