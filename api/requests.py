"""What every request gets: an id, limits to its size, refusal of repeated parameters; and what every answer carries."""

from __future__ import annotations

import uuid
from functools import cache
from typing import Any

from flask import Flask, Response, g, request
from pydantic import BaseModel, ConfigDict

from api.problems import problem

MOST_BYTES = 1 << 20  # of a body
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Parameters(BaseModel):
    """Parameters of an operation: those that are not named are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    @classmethod
    def model_json_schema(cls, *arguments: Any, **options: Any) -> dict[str, Any]:
        """The schema. The framework asks for it, without arguments, at every request: that one is made once."""
        return super().model_json_schema(*arguments, **options) if arguments or options else _schema(cls)


@cache
def _schema(model: type[Parameters]) -> dict[str, Any]:
    return super(Parameters, model).model_json_schema()


def register(app: Flask) -> None:
    """Adds it to an application."""
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = MOST_BYTES

    @app.before_request
    def begin() -> Response | None:
        g.request_id = uuid.uuid4().hex
        return _repeated()

    @app.after_request
    def finish(answer: Response) -> Response:
        answer.headers["X-Request-Id"] = g.get("request_id", "")
        for name, value in HEADERS.items():
            answer.headers.setdefault(name, value)
        return answer


def _repeated() -> Response | None:
    """The answer to a parameter given twice: one of the values would be dropped silently."""
    twice = sorted(name for name, values in request.args.lists() if len(values) > 1)
    if not twice:
        return None
    errors = [{"parameter": name, "detail": "it is given more than once"} for name in twice]
    return problem(422, "; ".join(f"{name} is given more than once" for name in twice), errors, "invalid-parameter")
