"""The process that answers requests: gunicorn's threads, with addresses as people type them, and problems in JSON.

RFC 3986 wants every byte of an address beyond ASCII percent-encoded, and gunicorn refuses those that are not. Browsers
encode them; curl and scripts send what they were given: `curl 'http://…/api/v1/search?q=김치찌개'`. So they are encoded
here. What gunicorn itself refuses is answered as all else is: with a problem (RFC 9457), not with a page.
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
import time
from http import HTTPStatus
from typing import Any

import orjson
from gunicorn import util
from gunicorn.http import errors
from gunicorn.http.message import Request
from gunicorn.http.parser import RequestParser
from gunicorn.workers.gthread import TConn, ThreadWorker

from riverline.random_ids import random_id
from riverline_api.http.problems import MEDIA_TYPE

LOOK_SECONDS = 0.5  # between two looks for requests that take too long
BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
STATUSES: dict[type[Exception], HTTPStatus] = {  # the first that fits
    # What the application wanted to send; newer than the types of gunicorn.
    errors.InvalidResponseHeader: HTTPStatus.INTERNAL_SERVER_ERROR,  # type: ignore[attr-defined]
    errors.InvalidResponseHeaderName: HTTPStatus.INTERNAL_SERVER_ERROR,  # type: ignore[attr-defined]
    errors.ConfigurationProblem: HTTPStatus.INTERNAL_SERVER_ERROR,
    errors.LimitRequestLine: HTTPStatus.REQUEST_URI_TOO_LONG,
    errors.LimitRequestHeaders: HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
    errors.UnsupportedTransferCoding: HTTPStatus.NOT_IMPLEMENTED,
    errors.ExpectationFailed: HTTPStatus.EXPECTATION_FAILED,
    errors.ParseException: HTTPStatus.BAD_REQUEST,
}
DETAILS = {
    HTTPStatus.REQUEST_URI_TOO_LONG: "the address is too long",
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: "the headers of the request are too large, or too many",
    HTTPStatus.NOT_IMPLEMENTED: "this transfer coding is not supported",
    HTTPStatus.EXPECTATION_FAILED: "only the expectation 100-continue is supported",
    HTTPStatus.BAD_REQUEST: "the request is not valid HTTP",
    HTTPStatus.INTERNAL_SERVER_ERROR: "an internal error; it has been logged",
}


class TypedRequest(Request):
    """A request whose address may have been typed: bytes beyond ASCII are percent-encoded before they are judged."""

    def parse_request_line(self, line_bytes: bytes) -> None:
        method, between, rest = line_bytes.partition(b" ")
        target, before, version = rest.rpartition(b" ")
        encoded = BEYOND_ASCII.sub(lambda byte: b"%%%02X" % ord(byte[0]), target)
        super().parse_request_line(b"".join((method, between, encoded, before, version)))


class Worker(ThreadWorker):
    """Gunicorn's worker with threads. Its setting `http_parser` must be "python": the other has no such seam.

    A request has `timeout` seconds, from its first byte to the last one of its answer. Then its connection is cut:
    whoever sends or reads a byte now and then holds a thread no longer than that.
    """

    def init_process(self) -> None:
        RequestParser.mesg_class = TypedRequest
        self._until: dict[TConn, float] = {}
        threading.Thread(target=self._cut_slow_ones, name="slow", daemon=True).start()
        super().init_process()

    def handle(self, conn: TConn) -> Any:
        self._until[conn] = time.monotonic() + self.cfg.timeout
        try:
            return super().handle(conn)
        finally:
            self._until.pop(conn, None)

    def _cut_slow_ones(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            now = time.monotonic()
            for conn in [conn for conn, until in self._until.copy().items() if until < now]:
                with contextlib.suppress(OSError):  # it ends by itself just now
                    conn.sock.shutdown(socket.SHUT_RDWR)

    def handle_error(self, req: Any, client: Any, addr: Any, exc: BaseException) -> None:
        """Answers what cannot become a request, or what the application itself did not answer."""
        status, name = status_of(exc), random_id()
        if status < HTTPStatus.INTERNAL_SERVER_ERROR:
            self.log.warning("refused a request of %s (%s): %s", (addr or ("-",))[0], name, exc)
        else:
            self.log.error("request %s failed: %s", name, getattr(req, "uri", "-"), exc_info=exc)
        try:
            util.write_nonblock(client, answer(status, name))
        except OSError as error:
            self.log.debug("the client of %s has gone: %s", name, error)


def status_of(error: BaseException) -> HTTPStatus:
    """The status of what went wrong before or around the application."""
    return next((status for kind, status in STATUSES.items() if isinstance(error, kind)), HTTPStatus(500))


def answer(status: HTTPStatus, name: str) -> bytes:
    """A whole answer, after which the connection is closed: where the next request begins is not known."""
    problem = {"type": "about:blank", "title": status.phrase, "status": status, "detail": DETAILS[status]}
    body = orjson.dumps({**problem, "instance": f"urn:uuid:{name}"})
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}",
        "Connection: close",
        f"Content-Type: {MEDIA_TYPE}",
        f"Content-Length: {len(body)}",
        f"X-Request-Id: {name}",
        "X-Content-Type-Options: nosniff",
        "Cache-Control: no-store",
    )
    return "\r\n".join((*head, "", "")).encode() + body
