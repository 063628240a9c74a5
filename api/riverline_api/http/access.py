"""Who may call which operation: recognises tokens, checks rights and limits rates.

An operation that `LEVELS` does not name is for administrators: new operations are closed by default.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Any

from flask import Flask, Response, g, request

from riverline.accounts.contracts import Token
from riverline.accounts.rates import Allowance
from riverline.accounts.tally import Tally
from riverline.accounts.tokens import ADMIN, READ, Recognition, Refused
from riverline.errors import Transient
from riverline_api.context import services
from riverline_api.http.acting_user import acts_as
from riverline_api.http.problems import problem
from riverline_api.http.requests import CARRIED, Environ, carry
from riverline_api.metrics import RATE_UNKNOWN, REFUSED

API = "/api/"
NOBODY = 0  # the id of no user
NOT_STORED = ("Cache-Control", "no-store")  # no answer to a request that shows who it comes from
COUNTED = "riverline.counted"  # in the request's environment
UNCOUNTED = ("/health/", "/static/", "/docs", "/metrics", "/openapi.json")

READING = ("GET", "HEAD", "OPTIONS")

KEY: dict[str, Any] = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "a random text; the same request with the same key gets the same answer for a day",
    "schema": {"type": "string", "minLength": 16, "maxLength": 255},
}


class Level(Enum):
    """What an operation takes."""

    ANYONE = "anyone"
    USER = "user"  # a token of a user; which one, the operation says
    ADMIN = "admin"


LEVELS = {
    "GET /api/v1/search": Level.ANYONE,
    "GET /api/v1/search/suggest": Level.ANYONE,
    "GET /api/v1/search/popular": Level.ANYONE,
    "POST /api/v1/search/clicks": Level.ANYONE,
    "GET /api/v1/stats/index": Level.ANYONE,
    "GET /api/v1/pipeline": Level.ANYONE,
    "GET /api/v1/pipeline/history": Level.ANYONE,
    "GET /api/v1/crawl/fates": Level.ANYONE,
    "POST /api/v1/users": Level.ANYONE,
    "POST /api/v1/login-links": Level.ANYONE,
    "POST /api/v1/tokens": Level.ANYONE,
    "GET /api/v1/me": Level.USER,
    "GET /api/v1/me/tokens": Level.USER,
    "POST /api/v1/me/tokens": Level.USER,
    "DELETE /api/v1/me/tokens/<int:token_id>": Level.USER,
    "PUT /api/v1/me/email": Level.USER,
    "DELETE /api/v1/me/sessions": Level.USER,
    "GET /api/v1/me/export": Level.USER,
    "GET /api/v1/users": Level.ANYONE,
    "GET /api/v1/users/<int:user_id>": Level.ANYONE,
    "PATCH /api/v1/users/<int:user_id>": Level.USER,
    "DELETE /api/v1/users/<int:user_id>": Level.USER,
    "GET /api/v1/users/<int:user_id>/posts": Level.ANYONE,
    "GET /api/v1/users/<int:user_id>/followings": Level.ANYONE,
    "GET /api/v1/users/<int:user_id>/followers": Level.ANYONE,
    "PUT /api/v1/users/<int:user_id>/followings/<int:other_id>": Level.USER,
    "DELETE /api/v1/users/<int:user_id>/followings/<int:other_id>": Level.USER,
    "GET /api/v1/posts": Level.USER,
    "POST /api/v1/posts": Level.USER,
    "GET /api/v1/posts/<int:post_id>": Level.ANYONE,
    "DELETE /api/v1/posts/<int:post_id>": Level.USER,
}


@dataclass(frozen=True, slots=True)
class RequestLimits:
    """Requests a minute; 0: any number."""

    token: int
    address: int


def level_of(method: str, rule: str) -> Level:
    """What an operation takes, by its method and rule."""
    if not rule.startswith(API) or method == "OPTIONS":  # which methods an address takes is no secret
        return Level.ANYONE
    return LEVELS.get(f"{'GET' if method == 'HEAD' else method} {rule}", Level.ADMIN)


class Guard:
    """Recognises tokens, and counts requests. Thread-safe."""

    def __init__(self, recognition: Recognition, limits: RequestLimits) -> None:
        self.recognition, self._limits = recognition, limits
        self._tally = Tally(lambda more, window, seconds: services().key_value.counted(more, window, seconds))

    def count(self, environ: Environ, token: Token | None) -> Allowance | None:
        """Counts the request, once, and lets its answer say what is left. None where nothing limits it, or the counts
        are away."""
        if COUNTED not in environ:
            environ[COUNTED] = left = self._left(environ, token)
            if left:
                environ[CARRIED] += (
                    ("RateLimit-Limit", str(left.limit)),
                    ("RateLimit-Remaining", str(max(0, left.remaining))),
                    ("RateLimit-Reset", str(left.reset_seconds)),
                )
        counted: Allowance | None = environ[COUNTED]
        return counted

    def _left(self, environ: Environ, token: Token | None) -> Allowance | None:
        """Of its names, what is left to that which has least."""
        names = self._names(environ, token)
        if not names:
            return None
        try:
            found = self._tally.count(names, services().now_ms())
        except Transient:
            RATE_UNKNOWN.inc()
            return None
        return min(found, key=lambda one: one.remaining)

    def _names(self, environ: Environ, token: Token | None) -> dict[str, int]:
        """Under which names the request counts, with the limit of each."""
        names = {f"RATE_ADDRESS_{address_of(environ)}": self._limits.address} if self._limits.address else {}
        if token is not None and self._limits.token:
            names[f"RATE_TOKEN_{token.id}"] = self._limits.token
        return names


def register(app: Flask, guard: Guard) -> None:
    """Guards an application."""

    @app.before_request
    def before() -> Response | None:
        shown = ""
        # Elsewhere a token opens nothing, and shuts nothing.
        if request.path.startswith(API) and (header := g.environ.get("HTTP_AUTHORIZATION")):
            carry(NOT_STORED)
            shown = secret_of(header)
        token = None
        try:
            token = guard.recognition.of(shown) if shown else None
        except Refused as refusal:
            return _exceeded(guard, None) or _unauthorised(str(refusal), 'error="invalid_token"')
        g.token = token
        acts_as(user_of(token))
        return _exceeded(guard, token) or _refusal(token)


def secret_of(header: str) -> str:
    """The token that a header `Authorization` shows. Other schemes show none."""
    scheme, _, secret = header.partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else ""


def user_of(token: Token | None) -> int:
    """As which user a request with this token acts."""
    return token.user_id if token and token.user_id is not None else NOBODY


def _is_admin(token: Token | None) -> bool:
    return token is not None and ADMIN in token.scopes


def opens(token: Token | None, level: Level) -> bool:
    """If an operation that takes so much is for whom the token stands."""
    return level is Level.ANYONE or (token is not None and (level is Level.USER or _is_admin(token)))


def _refusal(token: Token | None) -> Response | None:
    """Why the operation is not for whom the token stands."""
    rule = request.url_rule
    level = level_of(request.method, rule.rule) if rule else Level.ANYONE
    if not opens(token, level):
        return _refused_to(token)
    if level is not Level.ANYONE and token and READ in token.scopes and request.method not in READING:
        REFUSED.labels("forbidden").inc()
        return problem(403, "this token may only read")
    return None


def _refused_to(token: Token | None) -> Response:
    REFUSED.labels("forbidden" if token else "unauthorised").inc()
    return problem(403, "this needs a token with the scope admin") if token else _unauthorised("this needs a token")


def _unauthorised(detail: str, reason: str = "") -> Response:
    if reason:
        REFUSED.labels("invalid_token").inc()
    answer = problem(401, detail)
    answer.headers["WWW-Authenticate"] = f'Bearer realm="riverline"{", " + reason if reason else ""}'
    return answer


def _exceeded(guard: Guard, token: Token | None) -> Response | None:
    """Counts the request, and answers 429 where it is one too many. Goes on when the counts are away."""
    left = None if request.path.startswith(UNCOUNTED) else guard.count(g.environ, token)
    return _too_many(left) if left and left.exceeded else None


def _too_many(left: Allowance) -> Response:
    REFUSED.labels("too_many").inc()
    answer = problem(429, f"more than {left.limit} requests in a minute")
    answer.headers["Retry-After"] = str(left.reset_seconds)
    return answer


def address_of(environ: Environ) -> str:
    """The address that a request comes from: what the proxy says, if it is one on a private network."""
    return _address(environ.get("REMOTE_ADDR", ""), environ.get("HTTP_X_FORWARDED_FOR", ""))


@lru_cache(4096)
def _address(peer: str, listed: str) -> str:
    forwarded = listed.rpartition(",")[2].strip()
    found = forwarded if forwarded and _is_private(peer) else peer
    try:
        parsed = ipaddress.ip_address(found)
    except ValueError:
        return "unknown"
    # The holder of an IPv6 address has its whole /64.
    return str(parsed if parsed.version == 4 else ipaddress.ip_network((parsed, 64), strict=False).network_address)


def _is_private(peer: str) -> bool:
    try:
        return ipaddress.ip_address(peer).is_private
    except ValueError:
        return False


def describe(document: dict[str, Any], levels: Callable[[str, str], Level] = level_of) -> None:
    """Adds to the description what each operation takes, and what it answers otherwise."""
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            level = levels(method.upper(), _rule(path))
            answers = {414: "URI Too Long", 429: "Too Many Requests"}
            if level is not Level.ANYONE:
                operation["security"] = [{"token": []}]
                answers |= {401: "Unauthorized", 403: "Forbidden"}
            else:
                operation["security"] = []
                answers |= {401: "Unauthorized"}
            if "{" in path:
                answers[404] = "Not Found"
            if "requestBody" in operation:
                answers |= {400: "Bad Request", 413: "Content Too Large", 415: "Unsupported Media Type"}
            if method == "post":
                answers[409] = "Conflict"
                _describe_key(operation)
            if path.startswith(API):
                for status, phrase in answers.items():
                    operation["responses"].setdefault(str(status), _problem(phrase))


def _describe_key(operation: dict[str, Any]) -> None:
    parameters = operation.setdefault("parameters", [])
    if not any(one["name"] == KEY["name"] for one in parameters):
        parameters.append(KEY)


def _rule(path: str) -> str:
    """Flask's rule of a path of the description: `{user_id}` is a number where its name ends in `_id`."""
    parts = path.split("/")
    return "/".join(
        f"<{'int:' if part.endswith('_id}') else ''}{part[1:-1]}>" if part.startswith("{") else part for part in parts
    )


def _problem(phrase: str) -> dict[str, Any]:
    schema = {"$ref": "#/components/schemas/Problem"}
    return {"description": phrase, "content": {"application/problem+json": {"schema": schema}}}
