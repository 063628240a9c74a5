"""`Idempotency-Key` on POST: the same request again gets the answer of the first one, for a day; of a caller without a
token or session for some minutes, since nobody limits how many of those there are. What is kept is small: of a long
answer, or one beyond what a caller and all together may have kept, that there was one. So answers take a share of Redis
that does not grow, and no timeline is ever evicted by them.

The answer is encrypted with the key, which is not stored: the value in Redis reveals nothing, though an answer may
contain a token.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from dataclasses import dataclass

import orjson
from cryptography.fernet import Fernet
from flask import Flask, Response, g, request

from riverline.errors import Transient
from riverline_api.context import services
from riverline_api.http.problems import problem
from riverline_api.http.trail import NOBODY, actor

HEADER, REPLAYED = "Idempotency-Key", "Idempotency-Replayed"
SHORTEST, LONGEST = 16, 255
KEPT_SECONDS = 86_400
STRANGERS_SECONDS = 600  # of a caller who is not known
MOST_BYTES = 64 << 10  # of a body that is kept; a post has at most 36 KiB of text
MOST_OF_ONE = 2 << 20  # bytes of a caller's answers, and of those of all strangers, in as long as one is kept
MOST_OF_ALL = 32 << 20  # of everybody's
RUNNING_SECONDS = 60  # after which a request that was never answered may be made again
BUSY = b"busy"
HEADERS = ("Content-Type", "Location", "ETag")


@dataclass(frozen=True, slots=True)
class Made:
    """A request with a key: where its answer is kept, under which secret, and what it asked."""

    place: str
    secret: bytes
    asked: str


def register(app: Flask) -> None:
    """Adds it to an application, behind what guards it."""

    @app.before_request
    def again() -> Response | None:
        if request.method != "POST" or (key := request.headers.get(HEADER)) is None:
            return None
        if not SHORTEST <= len(key) <= LONGEST:
            return problem(422, f"{HEADER} takes {SHORTEST} to {LONGEST} random characters")
        made = _made(key)
        try:
            return _answered(made)
        except Transient:
            # A client that asks for once must not get twice.
            return problem(503, f"the earlier answer for this {HEADER} is not available; try again, or leave it out")

    @app.after_request
    def keep(answer: Response) -> Response:
        made: Made | None = g.pop("idempotent", None)
        if made is not None:
            _keep(made, answer)
        return answer


def _made(key: str) -> Made:
    who = f"{g.get('acting_user', '')}\0{request.path}\0{key}".encode("utf-8", "surrogatepass")
    secret = base64.urlsafe_b64encode(hashlib.sha256(b"answer\0" + who).digest())
    place = "ANSWER_" + hashlib.sha256(b"place\0" + who).hexdigest()
    asked = hmac.new(secret, request.get_data(cache=True), hashlib.sha256).hexdigest()
    return Made(place, secret, asked)


def _answered(made: Made) -> Response | None:
    """The answer of the first request; None if this is the first. Raises Transient."""
    key_value = services().key_value
    if key_value.put_new(made.place, BUSY + g.request_id.encode(), RUNNING_SECONDS):
        g.idempotent = made
        return None
    [held] = key_value.get([made.place])
    if held is None or held.startswith(BUSY):
        return problem(409, f"a request with this {HEADER} is still being processed; try again", kind="in-progress")
    kept = orjson.loads(Fernet(made.secret).decrypt(held))
    if not hmac.compare_digest(kept["asked"], made.asked):
        return problem(422, f"this {HEADER} was used for another request", kind="idempotency-key")
    if kept["body"] is None:
        answer = problem(409, f"the request with this {HEADER} was processed; its answer was not kept")
        answer.headers.extend({name: kept["headers"][name] for name in ("Location",) if name in kept["headers"]})
    else:
        answer = Response(kept["body"], kept["status"], kept["headers"])
    answer.headers[REPLAYED] = "true"
    return answer


def _keep(made: Made, answer: Response) -> None:
    key_value = services().key_value
    try:
        if answer.status_code >= 500:
            return key_value.forget(made.place)  # nothing was done, or nobody knows: it may be tried again
        headers = {name: answer.headers[name] for name in HEADERS if name in answer.headers}
        kept = {"asked": made.asked, "status": answer.status_code, "headers": headers}
        body, seconds = answer.get_data(), STRANGERS_SECONDS if actor() == NOBODY else KEPT_SECONDS
        fits = len(body) <= MOST_BYTES and _has_room(len(body), seconds)
        text = orjson.dumps({**kept, "body": body.decode() if fits else None})
        key_value.put(made.place, Fernet(made.secret).encrypt(text), seconds)
    except Transient:
        pass  # the mark that it runs stays for a minute
    return None


def _has_room(size: int, seconds: int) -> bool:
    """Whether so many bytes more may be kept for so long: for this caller, and at all. Raises Transient."""
    names = {f"ANSWERS_{actor()}": MOST_OF_ONE, f"ANSWERS_OF_{seconds}": MOST_OF_ALL}
    window = services().now_ms() // (seconds * 1000)
    counts = services().key_value.counted(dict.fromkeys(names, size), window, 2 * seconds)
    return all(now <= most for (_, now), most in zip(counts, names.values(), strict=True))
