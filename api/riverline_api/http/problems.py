"""Every error answer is a problem (RFC 9457, application/problem+json): a title, a sentence, and the request's id."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

import orjson
import structlog
from flask import Flask, Response, g
from pydantic import BaseModel, Field, ValidationError
from werkzeug.exceptions import HTTPException

from riverline.errors import Conflict, Invalid, NotFound, RiverlineError, Transient
from riverline.refusals import refusal

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = 2
MOST_ERRORS = 20  # that a problem lists, however many there are
LONGEST_NAME, LONGEST_DETAIL = 100, 300  # characters of a parameter that was refused, and of what is said about it
LONGEST_SENTENCE = 1000  # of an error that may quote what was sent

log = structlog.get_logger(__name__)


class WrongParameter(BaseModel):
    """One parameter, and what is wrong with it."""

    parameter: str = Field(description="the parameter's name, or the path of a field in the body")
    detail: str


class Problem(BaseModel):
    """What went wrong, for a person and for a program."""

    type: str = Field(description="a URI that names the kind of problem", examples=["about:blank"])
    title: str = Field(examples=["Unprocessable Entity"])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["limit must be at most 100"])
    instance: str = Field(description="names this occurrence: the request's id as a URN")
    errors: list[WrongParameter] = Field(default=[], description="the parameters that were refused, if any")


def problem(status: int, detail: str, errors: list[dict[str, str]] | None = None, kind: str = "") -> Response:
    """A problem as an answer."""
    body: dict[str, Any] = {
        "type": f"urn:riverline:problem:{kind}" if kind else "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "instance": f"urn:uuid:{g.get('request_id', '')}",
    }
    if errors:
        body["errors"] = errors
    answer = Response(orjson.dumps(body), status, mimetype=MEDIA_TYPE)
    if status == HTTPStatus.SERVICE_UNAVAILABLE:
        answer.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return answer


def refused(error: ValidationError) -> Response:
    """The answer to parameters or a body that do not fit their model."""
    found = error.errors(include_url=False, include_input=False)
    return wrong_parameters(
        [
            (
                ".".join(str(part) for part in one["loc"]) or "body",
                refusal(one["type"], one["msg"], one.get("ctx", {})),
            )
            for one in found
        ]
    )


def wrong_parameters(found: Sequence[tuple[str, str]]) -> Response:
    """The answer to parameters that are refused, each with what is wrong with it: the first of them."""
    errors = [
        {"parameter": shortened(name, LONGEST_NAME), "detail": shortened(detail, LONGEST_DETAIL)}
        for name, detail in found[:MOST_ERRORS]
    ]
    parts = [f"{one['parameter']}: {one['detail']}".replace(": it ", " ", 1) for one in errors]
    if len(found) > MOST_ERRORS:
        parts.append(f"and {len(found) - MOST_ERRORS} more")
    return problem(HTTPStatus.UNPROCESSABLE_ENTITY, "; ".join(parts), errors, "invalid-parameter")


def shortened(text: str, longest: int) -> str:
    """A text that may be anybody's, no longer than that."""
    return text if len(text) <= longest else f"{text[: longest - 1]}…"


def described(*statuses: int) -> dict[int | str, type[BaseModel] | dict[Any, Any] | None]:
    """The problems that an operation may answer with, for its description."""
    content = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {status: {"description": HTTPStatus(status).phrase, "content": content} for status in statuses}


_STATUSES: dict[type[RiverlineError], HTTPStatus] = {
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    Invalid: HTTPStatus.UNPROCESSABLE_ENTITY,
    Transient: HTTPStatus.SERVICE_UNAVAILABLE,
}


def status_of(error: RiverlineError) -> HTTPStatus:
    """The status that an error of the core is answered with."""
    return next((status for of, status in _STATUSES.items() if isinstance(error, of)), HTTPStatus.INTERNAL_SERVER_ERROR)


def register(app: Flask) -> None:
    """Turns every error of this application into a problem."""

    @app.errorhandler(HTTPException)
    def known(error: HTTPException) -> Response:
        if error.response is not None:
            return error.response  # type: ignore[return-value]
        answer = problem(error.code or 500, error.description or "")
        answer.headers.extend(pair for pair in error.get_headers() if pair[0] not in ("Content-Type", "Content-Length"))
        return answer

    @app.errorhandler(RiverlineError)
    def ours(error: RiverlineError) -> Response:
        status = status_of(error)
        if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return problem(status, shortened(str(error), LONGEST_SENTENCE))
        # The server's own message is for the log only; it may name addresses.
        log.warning("request failed", error=str(error), status=int(status))
        return problem(status, "a server behind the API does not answer; try again")

    @app.errorhandler(Exception)
    def unknown(error: Exception) -> Response:
        log.exception("request failed", error=repr(error))
        return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "an internal error; it has been logged")
