"""What every request goes through: an id, size limits, no repeated parameters; and the headers of every answer.

Each request goes through here, so that what it costs is counted in microseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache, wraps
from http import HTTPStatus
from typing import Any, get_type_hints
from urllib.parse import quote, unquote_to_bytes, urlencode, urlsplit, urlunsplit

import structlog
from flask import Flask, Request, Response, g, request
from pydantic import BaseModel, ConfigDict, ValidationError
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

from riverline.security_headers import HEADERS
from riverline_api.http.problems import problem, refused, wrong_parameters
from riverline_api.http.signing import Signer

KIB = 1 << 10
MOST_BYTES = 1 << 20  # of any body
USUAL_BYTES = 16 * KIB  # of a body whose operation is not named here
BYTES = {  # what the fields of an operation may need, each character written as JSON or a form can write it at worst
    "POST /api/v1/users": 4 * KIB,
    "PATCH /api/v1/users/<int:user_id>": 2 * KIB,
    "POST /api/v1/posts": 144 * KIB,
    "POST /feed/posts": 144 * KIB,
    "POST /api/v1/search/clicks": 52 * KIB,
    "POST /api/v1/removals": 32 * KIB,
    "POST /api/v1/crawl/targets": MOST_BYTES,
    "PUT /api/v1/crawl/targets/<name>": MOST_BYTES,
}
MOST_QUERIES = 1000  # whose parameters a process remembers
BODIES = frozenset({"POST", "PUT", "PATCH", "DELETE"})
NUL = "\0"
JSON = "application/json"
# In the request's environment.
CARRIED, REQUEST_ID = "riverline.carried", "riverline.request_id"
RAISED = "riverline.raised"  # what a view raised already, when it was asked past the framework
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


def register(app: Flask, signer: Signer) -> None:
    """Adds it to an application."""
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.config["MAX_FORM_MEMORY_SIZE"] = MOST_BYTES

    app.wsgi_app = _carrying(app.wsgi_app, signer)  # type: ignore[method-assign]

    @app.before_request
    def begin() -> Response | None:
        asked = request._get_current_object()  # type: ignore[attr-defined]  # once: each use of the proxy looks for it
        g.environ, g.request_id = asked.environ, asked.environ[REQUEST_ID]
        structlog.contextvars.bind_contextvars(request_id=g.request_id)  # what is logged on the way carries it
        if asked.method in BODIES:
            asked.max_content_length = most_bytes(asked.method, asked.url_rule.rule if asked.url_rule else "")
        path = asked.environ["PATH_INFO"]
        if not _is_text(path.encode("latin-1")):
            return problem(HTTPStatus.BAD_REQUEST, "the address is not UTF-8")
        if NUL in path:
            return problem(HTTPStatus.BAD_REQUEST, "the address contains a NUL character")
        if not (query := asked.query_string):
            return None
        parameters, faults = _parsed(query)
        asked.__dict__["args"] = parameters  # where the framework would keep what it parses itself
        return wrong_parameters(faults) if faults else None

    @app.teardown_request
    def end(_: BaseException | None) -> None:
        structlog.contextvars.unbind_contextvars("request_id")


def most_bytes(method: str, rule: str) -> int:
    """How large the body of a request may be."""
    return BYTES.get(f"{method} {rule}", USUAL_BYTES)


def carry(*headers: tuple[str, str]) -> None:
    """Lets the answer to this request have those headers, unless it has some of their names."""
    g.environ[CARRIED].extend(headers)


def link_next(cursor: str | None, name: str = "cursor") -> None:
    """Names the next page of a list in the header `Link` (RFC 8288), where there is one."""
    if cursor:
        asked = g.environ
        asked[CARRIED].append(_link(asked["PATH_INFO"], asked.get("QUERY_STRING", ""), name, cursor))


@lru_cache(MOST_QUERIES)
def _link(path: str, query: str, name: str, cursor: str) -> tuple[str, str]:
    following = urlencode({**_parsed(query.encode("latin-1"))[0].to_dict(), name: cursor})
    return "Link", f'<{quote(path.encode("latin-1"))}?{following}>; rel="next"'


def _carrying(application: Callable[..., Iterable[bytes]], signer: Signer) -> Callable[..., Iterable[bytes]]:
    """Adds headers when the answer is sent: Werkzeug's would be searched from the start for each of them."""
    fixed = tuple(HEADERS.items())

    def carrying(environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        name = environ[REQUEST_ID] = signer.request_id()
        carried = environ[CARRIED] = [("X-Request-Id", name), *fixed]

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
            own = {name.lower() for name, _ in headers}
            headers += [pair for pair in carried if pair[0].lower() not in own]
            if status.startswith("3"):
                headers[:] = [(name, here(value) if name == "Location" else value) for name, value in headers]
            return start_response(status, headers, exc_info) if exc_info else start_response(status, headers)

        return application(environ, start)

    return carrying


def here(location: str) -> str:
    """Where a redirect leads, on the site that was asked: the framework would write the name that the request gives
    this site, which may be anybody's."""
    parts = urlsplit(location)
    return f"/{urlunsplit(('', '', *parts[2:])).lstrip('/')}"


@dataclass(frozen=True, slots=True)
class LeanOperation:
    """A view that makes the body of an answer of its `query`, and the model of that."""

    model: type[Parameters]
    view: Callable[..., bytes]

    def parameters(self, environ: Environ) -> Parameters | None:
        """What a request asks for; None where something is wrong with it."""
        query = environ.get("QUERY_STRING", "").encode("latin-1")
        try:
            return None if _parsed(query)[1] else _validated(self.model, query)
        except ValidationError:
            return None


def lean(view: Callable[..., bytes]) -> Callable[..., Response]:
    """A view that reads its `query` by its model alone: the framework walks through its schema each time. For an
    operation that is asked often, and whose parameters are single values. Its answer is JSON; it must not look at
    Flask's `request` (`http/lean_path.py`), but at `g`."""
    operation = LeanOperation(get_type_hints(view)["query"], view)

    @wraps(view)
    def read() -> Response:
        if (raised := g.environ.pop(RAISED, None)) is not None:
            raise raised
        try:
            parameters = _validated(operation.model, request.query_string)
        except ValidationError as error:
            return refused(error)
        return Response(view(query=parameters), mimetype=JSON)

    read.view = read  # type: ignore[attr-defined]  # the framework takes it as it is, without a function around it
    read.operation = operation  # type: ignore[attr-defined]
    return read


def lean_operation(view: Callable[..., Response]) -> LeanOperation:
    """The one of such a view."""
    operation: LeanOperation = view.operation  # type: ignore[attr-defined]
    return operation


Faults = tuple[tuple[str, str], ...]  # a parameter's name, and what is wrong with it


@lru_cache(MOST_QUERIES)
def _parsed(query: bytes) -> tuple[MultiDict[str, str], Faults]:
    """The parameters, and those that are refused whatever they are for. Many ask the same."""
    if foreign := _foreign(query):
        return ImmutableMultiDict(), tuple((name, "it is not UTF-8") for name in foreign)
    parameters = Request({"QUERY_STRING": query.decode("latin-1"), "REQUEST_METHOD": "GET"}).args
    if b"%00" in query or b"\0" in query:
        # No word or name has one, and what is joined to a key may take it for the end of a part.
        cut = sorted(name for name, value in parameters.items(multi=True) if NUL in name or NUL in value)
        return ImmutableMultiDict(), tuple((name.replace(NUL, "\ufffd"), "it contains a NUL character") for name in cut)
    repeated = sorted(name for name, values in parameters.lists() if len(values) > 1)
    return parameters, tuple((name, "it is given more than once") for name in repeated)


def _foreign(query: bytes) -> list[str]:
    """The names of parameters in another encoding than UTF-8, as old Korean pages link with: they would be garbled."""
    pairs = (pair.partition(b"=") for pair in query.split(b"&"))
    read = [(unquote_to_bytes(name), unquote_to_bytes(value)) for name, _, value in pairs]
    return sorted({name.decode(errors="replace") for name, value in read if not (_is_text(name) and _is_text(value))})


def _is_text(said: bytes) -> bool:
    try:
        said.decode()
    except UnicodeDecodeError:
        return False
    return True


@lru_cache(MOST_QUERIES)
def _validated(model: type[Parameters], query: bytes) -> Parameters:
    """Raises ValidationError, and then every time."""
    return model.model_validate(_parsed(query)[0].to_dict())
