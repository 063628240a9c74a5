"""What every request gets: an id, limits to its size, refusal of repeated parameters; and what every answer carries.

Each request goes through here, so that what it costs is counted in microseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache, lru_cache, wraps
from typing import Any, get_type_hints

from flask import Flask, Request, Response, g, request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.datastructures import ImmutableMultiDict

from api.problems import problem, refused
from riverline.random_ids import random_id

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
MOST_QUERIES = 1000  # whose parameters a process remembers
CARRIED, REQUEST_ID = "riverline.carried", "riverline.request_id"  # in the request's environment
Environ = dict[str, Any]


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

    app.wsgi_app = _carrying(app.wsgi_app)  # type: ignore[method-assign]

    @app.before_request
    def begin() -> Response | None:
        asked = request._get_current_object()  # type: ignore[attr-defined]  # once: each use of the proxy looks for it
        g.request_id = asked.environ[REQUEST_ID]
        if not (query := asked.query_string):
            return None
        parameters, repeated = _parsed(query)
        asked.__dict__["args"] = parameters  # where the framework would keep what it parses itself
        return _refusal(repeated) if repeated else None


def carry(*headers: tuple[str, str]) -> None:
    """Lets the answer to this request have those headers, unless it has some of their names."""
    request.environ[CARRIED].extend(headers)


def _carrying(application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
    """Adds headers when the answer is sent: Werkzeug's would be searched from the start for each of them."""
    fixed = tuple(HEADERS.items())

    def carrying(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        name = environ[REQUEST_ID] = random_id()
        carried = environ[CARRIED] = [("X-Request-Id", name), *fixed]

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            own = {name.lower() for name, _ in headers}
            headers += [pair for pair in carried if pair[0].lower() not in own]
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        return application(environ, start)

    return carrying


def lean(view: Callable[..., Response]) -> Callable[..., Response]:
    """A view that reads its `query` and `path` by their models alone: the framework walks through their schemas each
    time. For an operation that is asked often, and whose parameters are single values."""
    models = get_type_hints(view)
    of_query, of_path = ([(name, models[name])] if name in models else [] for name in ("query", "path"))

    @wraps(view)
    def read(**path: Any) -> Response:
        try:
            read = {name: _validated(model, request.query_string) for name, model in of_query}
            read |= {name: model.model_validate(path) for name, model in of_path}
        except ValidationError as error:
            return refused(error)
        return view(**read)

    read.view = read  # type: ignore[attr-defined]  # the framework takes it as it is, without a function around it
    return read


@lru_cache(MOST_QUERIES)
def _parsed(query: bytes) -> tuple[ImmutableMultiDict[str, str], tuple[str, ...]]:
    """The parameters, and the names of those that are given more than once. Many ask the same."""
    parameters = Request({"QUERY_STRING": query.decode("latin-1"), "REQUEST_METHOD": "GET"}).args
    return parameters, tuple(sorted(name for name, values in parameters.lists() if len(values) > 1))


@lru_cache(MOST_QUERIES)
def _validated(model: type[Parameters], query: bytes) -> Parameters:
    """Raises ValidationError, and then every time."""
    return model.model_validate(_parsed(query)[0].to_dict())


def _refusal(twice: Sequence[str]) -> Response:
    """The answer to a parameter given twice: one of the values would be dropped silently."""
    errors = [{"parameter": name, "detail": "it is given more than once"} for name in twice]
    return problem(422, "; ".join(f"{name} is given more than once" for name in twice), errors, "invalid-parameter")
