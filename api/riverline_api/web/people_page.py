"""`/people`: people, their posts, whom they follow and who follows them."""

from __future__ import annotations

import contextlib
from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, abort, redirect, request

from riverline.errors import Invalid, NotFound
from riverline.feed import cursor
from riverline.feed.contracts import MOST_COUNTED
from riverline.model import User
from riverline_api.dependencies import MOST_ID, feed, writer
from riverline_api.http.signing import signer
from riverline_api.web.feed_page import shown
from riverline_api.web.layout import is_partial, local, page
from riverline_api.web.session import user_id, visitor

people = Blueprint("people", __name__)

LENGTH = 20
MOST_FOLLOWED = 1000  # followings that are looked through for whom the visitor follows already


@people.get("/people")
def newest() -> Response:
    """Those who came last, or whose names begin as was asked for."""
    name = request.args.get("q", "").strip().lstrip("@")[:100]
    of = f"people:{name}"
    found = feed().repository.people(name, _before(of), LENGTH + 1)
    query = {"q": name, "cursor": signer().signed(cursor.encoded(found[LENGTH - 1].id, of)) if found[LENGTH:] else ""}
    following = f"/people?{urlencode({key: value for key, value in query.items() if value})}" if query["cursor"] else ""
    return page("people.html", people=found[:LENGTH], followed=_followed(), name=name, next=following)


@people.get("/people/<int:person>")
def person(person: int) -> Response:
    """Somebody, and what they wrote."""
    someone, of = _user(person), f"posts:{person}"
    found = feed().repository.authored(person, _before(of), LENGTH + 1)
    following = signer().signed(cursor.encoded(found[LENGTH - 1].id, of)) if len(found) > LENGTH else ""
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
    found = feed().repository.follows(person, which == "followings", _before(of), LENGTH + 1)
    following = signer().signed(cursor.encoded(found[LENGTH - 1][0], of)) if len(found) > LENGTH else ""
    next_page = f"/people/{person}/{which}?cursor={following}" if following else ""
    return _person(someone, which, people=[user for _, user in found[:LENGTH]], next=next_page)


def _person(someone: User, tab: str, **values: Any) -> Response:
    counts = asdict(feed().repository.counts(someone.id))
    counted = {name: f"{n:,}" + ("+" if n == MOST_COUNTED else "") for name, n in counts.items()}
    return page("person.html", person=someone, tab=tab, followed=_followed(), counts=counted, **values)


def _followed() -> frozenset[int]:
    """Whom the visitor follows."""
    me = user_id()
    if me is None:
        return frozenset()
    return frozenset(user.id for _, user in feed().repository.follows(me, True, 0, MOST_FOLLOWED))


def _user(person: int) -> User:
    return feed().repository.user(person) if 0 < person <= MOST_ID else abort(404)


def _me() -> int:
    me = user_id()
    if me is None:
        abort(403 if visitor() else 401)
    return me


def _before(of: str) -> int:
    try:
        return cursor.decoded(signer().opened(request.args.get("cursor", "")), of)
    except Invalid:
        return 0
