"""Anonymous hashes of people: they tell people apart and identify no one (`search/popular.py`)."""

from __future__ import annotations

from contextlib import suppress
from secrets import token_bytes

from flask import g

from riverline.errors import Transient
from riverline.newest import Newest
from riverline.search import popular
from riverline_api.context import services
from riverline_api.http.access import address_of

KEPT_SECONDS = popular.WEEK_MS / 1000 + 86_400  # a salt, from its first use on

_salts: Newest[tuple[int, int], bytes] = Newest(8)


def is_bot() -> bool:
    """Whether the request's User-Agent names a program. The holder of a user's token counts as a person."""
    return not g.get("acting_user") and popular.is_bot(g.environ.get("HTTP_USER_AGENT", ""))


def person(what: str) -> str:
    """Who does this: an account, or else an address. Empty for bots, and while no salt can be had."""
    return "" if is_bot() else hashed(what)


def hashed(what: str) -> str:
    """The same, of a request that is known to come from no bot."""
    salt = _salt(popular.period(services().now_ms()))
    account = g.get("acting_user")
    who = f"user {account}" if account else f"address {address_of(g.environ)}"
    return popular.person(salt, who, what) if salt else ""


def _salt(period: int) -> bytes:
    """Of the week, the same for all processes. Kept nowhere but in Redis, which forgets it a day after the week."""
    place = (id(services()), period)
    salt = _salts.get(place)
    if salt is None:
        with suppress(Transient):
            store, key = services().key_value, f"SALT_{period}"
            store.put_new(key, token_bytes(32), KEPT_SECONDS)
            [kept] = store.get([key])
            if kept is not None:
                _salts.put(place, kept)
                salt = kept
    return salt or b""
