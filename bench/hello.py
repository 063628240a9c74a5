"""Hello world, twice: what a Flask application costs that does nothing, and what WSGI itself costs."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

WORDS = "Hello, world!"

app = Flask(__name__)


@app.get("/")
def hello() -> str:
    """The least that a Flask application can do."""
    return WORDS


def bare(_: object, start_response: Callable[..., object]) -> list[bytes]:
    """The least that a WSGI application can do."""
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(WORDS)))])
    return [WORDS.encode()]
