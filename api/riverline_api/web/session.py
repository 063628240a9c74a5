"""The user of a page, from the session of the browser: a cookie that no script can read, and no other site can send.

A session begins with a mailed link, or with a token, whose scopes it has and with which it ends. The cookie holds a
secret of its own, which is stored as its hash, and is made anew at each login. Cookies of earlier versions hold a
token; they go on until the browser forgets them, or their user logs out everywhere.

The API ignores cookies: it accepts tokens in the header only. Forms are accepted from this site's own pages only
(`from_here`), in addition to what SameSite=Strict prevents.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast
from urllib.parse import urlsplit

from flask import Flask, Response, abort, current_app, g, request

from riverline.accounts.contracts import Token
from riverline.accounts.tokens import ADMIN, LONGEST, READ, Recognition, Refused, digest_of, new_session, old_cookies_of
from riverline.errors import NotFound, Transient
from riverline_api.context import services
from riverline_api.dependencies import feed
from riverline_api.http.acting_user import acts_as

COOKIE, SECURE_COOKIE = "riverline_session", "__Host-riverline_session"  # over https no other host can set it
OLD_COOKIE = "riverline_token"
NEWCOMER, WELCOME_SECONDS = "riverline_joined", 600
KEPT_SECONDS = 30 * 86_400
NOT_PAGES = ("/api/", "/health/", "/metrics", "/openapi.json", "/static/", "/docs/")
_KEY = "riverline-recognition"


@dataclass(frozen=True, slots=True)
class Session:
    """Whoever has come in. Without a user: an administrator, or a token of nobody."""

    user_id: int | None
    name: str
    admin: bool
    digest: str = ""  # of a session; empty for a cookie with a token
    token_id: int | None = None  # that was shown for it


def register(app: Flask, recognition: Recognition) -> None:
    """Lets an application know its visitors."""
    app.extensions[_KEY] = recognition

    @app.before_request
    def recognise() -> None:
        if is_api():
            return
        try:
            g.visitor = _by_session() or _by_token(recognition)
        except Refused:
            g.forget_token = True
        except Transient:
            return  # nobody is known while MySQL is away; the cookie stays
        else:
            if g.visitor is not None:
                g.acting_token = g.visitor.token_id
            if g.visitor is not None and g.visitor.user_id is not None:
                acts_as(g.visitor.user_id)

    @app.after_request
    def forget(answer: Response) -> Response:
        if g.get("forget_token") and not answer.headers.get("Set-Cookie"):
            leave(answer)
        return answer


def _by_session() -> Session | None:
    """Raises Refused for a session that is over, and Transient."""
    if not (secret := _shown()):
        return None
    found = services().sessions.find(digest_of(secret), services().now_ms()) if len(secret) <= LONGEST else None
    if found is None:
        raise Refused("the session is over")
    return Session(found.user_id, found.name, ADMIN in found.scopes, found.digest, found.token_id)


def _by_token(recognition: Recognition) -> Session | None:
    if not (secret := request.cookies.get(OLD_COOKIE, "")):
        return None
    there = known(recognition.of(secret))
    if there.user_id is not None and services().sessions.find(old_cookies_of(there.user_id), services().now_ms()):
        raise Refused("the user logged out everywhere")
    return there


def _shown() -> str:
    """The secret of the session that the request shows; empty without one."""
    return request.cookies.get(SECURE_COOKIE if _is_secure() else COOKIE, "")


def _is_secure() -> bool:
    return request.headers.get("X-Forwarded-Proto", request.scheme) == "https"


def is_api() -> bool:
    """If the request is for a program, or for a file."""
    return request.path.startswith(NOT_PAGES)


def known(token: Token) -> Session:
    """Raises Refused for a token that only reads, as pages do more, or whose user is gone; and Transient."""
    if READ in token.scopes:
        raise Refused("the token may only read")
    name = ""
    if token.user_id is not None:
        try:
            name = feed().repository.user(token.user_id).name
        except NotFound:
            raise Refused("the user of the token is gone") from None
    return Session(token.user_id, name, ADMIN in token.scopes, token_id=token.id)


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


def recognised(secret: str) -> Token:
    """The token of somebody who may come in. Raises Refused and Transient."""
    recognition: Recognition = current_app.extensions[_KEY]
    token = recognition.of(secret)
    known(token)
    return token


def enter(answer: Response, user_id: int | None, token_id: int | None = None) -> None:
    """Begins a session, which replaces the one that the browser has. Raises Transient."""
    secret, ends = new_session(), services().now_ms() + KEPT_SECONDS * 1000
    services().sessions.begin(digest_of(secret), user_id, token_id, ends)
    end_session()
    secure = _is_secure()
    name = SECURE_COOKIE if secure else COOKIE
    answer.set_cookie(name, secret, max_age=KEPT_SECONDS, httponly=True, samesite="Strict", secure=secure)
    if OLD_COOKIE in request.cookies:
        answer.delete_cookie(OLD_COOKIE, httponly=True, samesite="Strict")


def end_session() -> None:
    """Ends the session that the request shows. Raises Transient."""
    there = visitor()
    if there is not None and there.digest:
        services().sessions.end(there.digest)


def welcome(answer: Response, secret: str) -> None:
    """Lets `/joined` show the first token of an account that was just made, for some minutes."""
    given: dict[str, Any] = {"httponly": True, "samesite": "Strict", "secure": _is_secure()}
    answer.set_cookie(NEWCOMER, secret, max_age=WELCOME_SECONDS, path="/joined", **given)


def newcomers_token() -> str:
    """The token of somebody who has just joined; empty for anybody else."""
    return request.cookies.get(NEWCOMER, "")


def leave(answer: Response) -> None:
    """Lets the browser forget who was there."""
    for name in (COOKIE, SECURE_COOKIE, OLD_COOKIE):
        if name in request.cookies:
            answer.delete_cookie(name, httponly=True, samesite="Strict", secure=name == SECURE_COOKIE)


def from_here() -> bool:
    """If a form was sent by a page of this site: browsers say so, and no page can make them say it."""
    site = request.headers.get("Sec-Fetch-Site")
    if site is not None:
        return site == "same-origin"
    origin = request.headers.get("Origin", "")
    return bool(origin) and urlsplit(origin).netloc == request.host
