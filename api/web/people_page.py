"""`/people`: who is here, what they write, whom they follow and who follows them."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, redirect, request

from api.feed import MOST_ID, feed, writer
from api.web.feed_page import shown
from api.web.layout import is_partial, local, page
from api.web.visitor import user_id, visitor
from riverline.errors import Invalid, NotFound
from riverline.model import User
from riverline.timeline import cursor

people = Blueprint("people", __name__)

LENGTH = 20
MOST_FOLLOWED = 1000  # followings that are looked through for whom the visitor follows already


@people.get("/people")
def newest() -> Response:
    """Those who came last."""
    ledger = feed().ledger
    ids = ledger.users(max(0, ledger.newest_user() - 3 * LENGTH), 3 * LENGTH)[::-1][:LENGTH]
    return page("people.html", people=_users(ids), followed=_followed())


@people.get("/people/<int:person>")
def person(person: int) -> Response:
    """Somebody, and what they wrote."""
    someone, of = _user(person), f"posts:{person}"
    found = feed().ledger.authored(person, _before(of), LENGTH + 1)
    following = cursor.encoded(found[LENGTH - 1].id, of) if len(found) > LENGTH else ""
    next_page = f"/people/{person}?cursor={following}" if following else ""
    return _person(someone, "posts", entries=shown(found[:LENGTH]), next=next_page, more="")


@people.get("/people/<int:person>/followings")
def followings(person: int) -> Response:
    """Whom they follow."""
    return _related(person, "followings")


@people.get("/people/<int:person>/followers")
def followers(person: int) -> Response:
    """Who follows them."""
    return _related(person, "followers")


@people.post("/people/<int:person>/follow")
def follow(person: int) -> Response:
    """Follows somebody."""
    me = _me()
    with contextlib.suppress(NotFound):  # gone meanwhile
        writer().follow(me, person)
    return _changed(person, True)


@people.post("/people/<int:person>/unfollow")
def unfollow(person: int) -> Response:
    """Ends it."""
    writer().unfollow(_me(), person)
    return _changed(person, False)


def _changed(person: int, follows: bool) -> Response:
    if is_partial():
        return page("follow.html", person=_user(person), follows=follows)
    return redirect(local(request.form.get("back", ""), f"/people/{person}"), 303)  # type: ignore[return-value]


def _related(person: int, which: str) -> Response:
    someone, of = _user(person), f"{which}:{person}"
    found = feed().ledger.follows(person, which == "followings", _before(of), LENGTH + 1)
    following = cursor.encoded(found[LENGTH - 1][0], of) if len(found) > LENGTH else ""
    next_page = f"/people/{person}/{which}?cursor={following}" if following else ""
    return _person(someone, which, people=[user for _, user in found[:LENGTH]], next=next_page)


def _person(someone: User, tab: str, **values: Any) -> Response:
    return page("person.html", person=someone, tab=tab, followed=_followed(), **values)


def _followed() -> frozenset[int]:
    """Whom the visitor follows."""
    me = user_id()
    if me is None:
        return frozenset()
    return frozenset(user.id for _, user in feed().ledger.follows(me, True, 0, MOST_FOLLOWED))


def _users(ids: Sequence[int]) -> list[User]:
    found = []
    for one in ids:
        with contextlib.suppress(NotFound):
            found.append(feed().ledger.user(one))
    return found


def _user(person: int) -> User:
    return feed().ledger.user(person) if 0 < person <= MOST_ID else abort(404)


def _me() -> int:
    me = user_id()
    if me is None:
        abort(403 if visitor() else 401)
    return me


def _before(of: str) -> int:
    try:
        return cursor.decoded(request.args.get("cursor", ""), of)
    except Invalid:
        return 0
