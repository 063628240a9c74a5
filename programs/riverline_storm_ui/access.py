"""Who may change topologies and read logs: who shows the token of Storm's pages, by header or by a session of it.

A session's cookie is sent by a browser on its own, so what it changes needs a second proof, which stands in our pages
alone (CSRF). A header is sent by nobody else's page.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from flask import abort, current_app, request

SESSION_SECONDS = 8 * 3600
COOKIE, PROOF = "storm_ui_session", "X-CSRF-Token"
_ACCESS = "riverline-storm-ui-access"

P = ParamSpec("P")
R = TypeVar("R")


class TokenAccess:
    """`token` is the only one there is; empty, nobody may do anything."""

    def __init__(self, token: str, now: Callable[[], float] = time.time) -> None:
        self._token, self._now = token, now

    def is_token(self, shown: str) -> bool:
        return bool(self._token) and hmac.compare_digest(shown.encode(), self._token.encode())

    def session(self) -> str:
        """A new session: when it ends, a random part, and our mark on both."""
        body = f"{int(self._now()) + SESSION_SECONDS}.{secrets.token_hex(8)}"
        return f"{body}.{self._mark('session', body)}"

    def is_session(self, session: str) -> bool:
        body, _, mark = session.rpartition(".")
        if not self._token or not hmac.compare_digest(mark.encode(), self._mark("session", body).encode()):
            return False
        return int(body.partition(".")[0]) > self._now()

    def proof(self, session: str) -> str:
        """What our pages of a session hold, and no other page knows."""
        return self._mark("proof", session)

    def _mark(self, purpose: str, text: str) -> str:
        return hmac.new(self._token.encode(), f"{purpose}:{text}".encode(), hashlib.sha256).hexdigest()


def install(extensions: dict[str, Any], access: TokenAccess) -> None:
    extensions[_ACCESS] = access


def access() -> TokenAccess:
    found: TokenAccess = current_app.extensions[_ACCESS]
    return found


def session() -> str:
    """The session of this request; empty where it has none that holds."""
    shown = request.cookies.get(COOKIE, "")
    return shown if shown and access().is_session(shown) else ""


def may_read() -> bool:
    """Whether this request comes with the token or with a session."""
    kind, _, shown = request.headers.get("Authorization", "").partition(" ")
    return (kind.lower() == "bearer" and access().is_token(shown.strip())) or bool(session())


def reading(view: Callable[P, R]) -> Callable[P, R]:
    """A view for those alone who have the token."""

    @wraps(view)
    def guarded(*arguments: P.args, **named: P.kwargs) -> R:
        if not may_read():
            abort(401, "the token of Storm's pages is needed: Authorization: Bearer TOKEN, or log in at /login")
        return view(*arguments, **named)

    return guarded


def changing(view: Callable[P, R]) -> Callable[P, R]:
    """A view that changes something: with a session, its proof is needed, too."""

    @wraps(view)
    def guarded(*arguments: P.args, **named: P.kwargs) -> R:
        own = session()
        if own and "Authorization" not in request.headers:
            shown = request.headers.get(PROOF) or request.form.get("csrf", "")
            if not hmac.compare_digest(shown.encode(), access().proof(own).encode()):
                abort(403, f"the request does not come from these pages: {PROOF} is missing or wrong")
        return view(*arguments, **named)

    return reading(guarded)
