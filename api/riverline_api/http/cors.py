"""Scripts of other sites may use the API where a setting names their origins (CORS). Cookies never count for them:
to act as a user, send a token."""

from __future__ import annotations

from collections.abc import Collection

from flask import Flask, Response, request

API = "/api/"
ANY = "*"
METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE"
SENT = "Authorization, Content-Type, Idempotency-Key, If-None-Match"
READ = (
    "ETag, Idempotency-Replayed, Link, Location, RateLimit-Limit, RateLimit-Remaining, RateLimit-Reset, Retry-After, "
    "X-Request-Id"
)
KEPT_SECONDS = "600"  # a browser asks no more often what it may send


def register(app: Flask, origins: Collection[str]) -> None:
    """Adds it to an application, before what guards it: a browser asks without a token what it may send."""
    if not origins:
        return

    def is_meant() -> bool:
        origin = request.headers.get("Origin", "")
        return bool(origin) and request.path.startswith(API) and (ANY in origins or origin in origins)

    @app.before_request
    def preflight() -> Response | None:
        if request.method != "OPTIONS" or "Access-Control-Request-Method" not in request.headers or not is_meant():
            return None
        answer = Response(status=204)
        answer.headers["Access-Control-Allow-Methods"] = METHODS
        answer.headers["Access-Control-Allow-Headers"] = SENT
        answer.headers["Access-Control-Max-Age"] = KEPT_SECONDS
        return answer

    @app.after_request
    def allow(answer: Response) -> Response:
        if request.path.startswith(API):
            answer.headers.add("Vary", "Origin")
        if is_meant():
            answer.headers["Access-Control-Allow-Origin"] = ANY if ANY in origins else request.headers["Origin"]
            answer.headers["Access-Control-Expose-Headers"] = READ
            answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return answer
