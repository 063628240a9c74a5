"""The user of a page, from a cookie that holds the token; no script can read it, and no other site can send it.

The API ignores the cookie: it accepts tokens in the header only. Forms are accepted from this site's own pages only
(`from_here`), in addition to what SameSite=Strict prevents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request

from riverline.accounts.contracts import Token
from riverline.accounts.tokens import ADMIN, Recognition, Refused
from riverline.errors import NotFound, Transient
from riverline_api.dependencies import feed
from riverline_api.http.acting_user import acts_as

COOKIE = "riverline_token"
NEWCOMER, WELCOME_SECONDS = "riverline_joined", 600
KEPT_SECONDS = 30 * 86_400
NOT_PAGES = ("/api/", "/health/", "/metrics", "/openapi.json", "/static/", "/docs/")
_KEY = "riverline-recognition"


@dataclass(frozen=True, slots=True)
class Session:
    """Whoever shows a token that opens something. Without a user: an administrator, or a token of nobody."""

    user_id: int | None
    name: str
    admin: bool


def register(app: Flask, recognition: Recognition) -> None:
    """Lets an application know its visitors."""
    app.extensions[_KEY] = recognition

    @app.before_request
    def recognise() -> None:
        if is_api() or not (secret := request.cookies.get(COOKIE, "")):
            return
        try:
            g.visitor = known(recognition.of(secret))
        except Refused:
            g.forget_token = True
        except Transient:
            return  # nobody is known while MySQL is away; the cookie stays
        else:
            if g.visitor.user_id is not None:
                acts_as(g.visitor.user_id)

    @app.after_request
    def forget(answer: Response) -> Response:
        if g.get("forget_token") and not answer.headers.get("Set-Cookie"):
            leave(answer)
        return answer


def is_api() -> bool:
    """If the request is for a program, or for a file."""
    return request.path.startswith(NOT_PAGES)


def known(token: Token) -> Session:
    """Raises Transient."""
    name = ""
    if token.user_id is not None:
        try:
            name = feed().repository.user(token.user_id).name
        except NotFound:
            raise Refused("the user of the token is gone") from None
    return Session(token.user_id, name, ADMIN in token.scopes)


def visitor() -> Session | None:
    """Who looks at this page, if that is known."""
    return cast("Session | None", g.get("visitor"))


def user_id() -> int | None:
    """As which user this request acts."""
    there = visitor()
    return there.user_id if there else None


def require_admin() -> None:
    """Ends the request of anybody but an administrator."""
    there = visitor()
    if there is None or not there.admin:
        abort(403 if there else 401)


def recognised(secret: str) -> Session:
    """Whose token that is. Raises Refused and Transient."""
    recognition: Recognition = current_app.extensions[_KEY]
    return known(recognition.of(secret))


def enter(answer: Response, secret: str) -> None:
    """Lets the browser keep the token."""
    secure = request.headers.get("X-Forwarded-Proto", request.scheme) == "https"
    answer.set_cookie(COOKIE, secret, max_age=KEPT_SECONDS, httponly=True, samesite="Strict", secure=secure)


def welcome(answer: Response) -> None:
    """Lets `/joined` show the token that the browser has just been given, for some minutes."""
    answer.set_cookie(NEWCOMER, "1", max_age=WELCOME_SECONDS, path="/joined", httponly=True, samesite="Strict")


def newcomers_token() -> str:
    """The token of somebody who has just joined; empty for anybody else."""
    return request.cookies.get(COOKIE, "") if NEWCOMER in request.cookies else ""


def leave(answer: Response) -> None:
    """Lets the browser forget it."""
    answer.delete_cookie(COOKIE, httponly=True, samesite="Strict")


def from_here() -> bool:
    """If a form was sent by a page of this site: browsers say so, and no page can make them say it."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin", "")
    return bool(origin) and urlsplit(origin).netloc == request.host
