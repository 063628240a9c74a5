"""One's own account: login links, tokens, sessions, the address, and a copy of everything: `/api/v1/me`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import chain
from typing import Annotated, Any, Literal

import orjson
from flask import Response, jsonify, make_response, stream_with_context
from flask_openapi3 import APIBlueprint, Tag
from pydantic import AfterValidator, BaseModel, Field, StringConstraints

from riverline.accounts.contracts import Token
from riverline.accounts.links import CHANGE, JOIN, LOGIN, VALID_MINUTES
from riverline.accounts.tokens import LONGEST, digest_of, new_token, old_cookies_of
from riverline.errors import Conflict, NotFound
from riverline.feed.body import body as written
from riverline_api.context import services
from riverline_api.dependencies import Id, feed
from riverline_api.entrance import ask_for_link, open_link
from riverline_api.http.acting_user import own_user
from riverline_api.http.datetimes import rfc3339
from riverline_api.http.hourly_limits import bound
from riverline_api.http.problems import described
from riverline_api.http.requests import Parameters
from riverline_api.http.trail import note_done
from riverline_api.resources.posts import PostItem
from riverline_api.resources.users import EMAIL, OwnUser, UserItem, kept_address, own_item, seen_name, user_item
from riverline_api.web import i18n

own_account = APIBlueprint(
    "own_account", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="account", description="One's own account")]
)

DAY_MS = 86_400_000
COOKIE_DAYS = 30  # for which browsers kept the cookies of earlier versions
USUAL_DAYS, MOST_DAYS = 90, 3650
MOST_TOKENS = 100  # of a user, those that still open something
READ_AHEAD = 1 << 20  # bytes of an export, before its answer begins
POSTS, PEOPLE = 200, 1000  # of an export that are read at a time

Email = Annotated[
    str, Field(min_length=3, max_length=190, pattern=EMAIL, examples=["mina@example.org"]), AfterValidator(kept_address)
]
Label = Annotated[str, StringConstraints(strip_whitespace=True, max_length=100)]
Days = Annotated[int | None, Field(ge=1, le=MOST_DAYS, description="days until it ends; null: it has no end")]


class LinkQuestion(Parameters):
    """Who wants a link."""

    email: Email
    name: Annotated[
        str | None,
        Field(min_length=1, max_length=100, description="with a name the link makes an account where there is none"),
        AfterValidator(lambda name: name if name is None else seen_name(name)),
    ] = None


class LinkAnswer(BaseModel):
    """The same, whether the address is known or not."""

    valid_minutes: int = Field(examples=[VALID_MINUTES])


class NewOwnToken(Parameters):
    """What a token is for, and what it may do."""

    name: Label = ""
    scopes: list[Literal["read"]] = Field([], max_length=1, description="`read`: it may only read")
    days: Days = USUAL_DAYS


class LinkToken(NewOwnToken):
    """A link, and the token that it is exchanged for."""

    link: str = Field(min_length=1, max_length=LONGEST, description="what follows `/login/` in the mailed address")


class NewEmail(Parameters):
    """Another address."""

    email: Email


class TokenPath(Parameters):
    token_id: Id


class TokenItem(BaseModel):
    """A token, without its secret."""

    id: int
    name: str
    scopes: list[str]
    created_at: str
    expires_at: str | None
    revoked_at: str | None


class ShownToken(TokenItem):
    """A new token."""

    user_id: int
    token: str = Field(description="shown this once", examples=["rvl_pI7…"])


class TokensAnswer(BaseModel):
    """All tokens of a user, the oldest first."""

    items: list[TokenItem]


class ExportAnswer(BaseModel):
    """Everything that the site holds of a user."""

    user: OwnUser
    tokens: list[TokenItem]
    followings: list[UserItem]
    followers: list[UserItem]
    posts: list[PostItem]


@own_account.post("/login-links", responses={202: LinkAnswer, **described(422, 429, 503)})
def ask(body: LinkQuestion) -> Response:
    """Mails a link that logs in, or with a name joins. The answer does not say whether the address is known."""
    ask_for_link(JOIN if body.name else LOGIN, body.email, i18n.language(), body.name or "")
    return make_response(jsonify(valid_minutes=VALID_MINUTES), 202)


@own_account.post("/tokens", responses={201: ShownToken, **described(404, 409, 422, 503)})
def exchange(body: LinkToken) -> Response:
    """Does what a mailed link is for, once, and gives a token of its user."""
    _, user = open_link(body.link)
    return _shown(user.id, body)


@own_account.get("/me/tokens", responses={200: TokensAnswer, **described(503)})
def tokens() -> Response:
    """The tokens of the token's user."""
    return jsonify(items=[token_item(one) for one in services().tokens.all(own_user())])


@own_account.post("/me/tokens", responses={201: ShownToken, **described(409, 422, 503)})
def make_token(body: NewOwnToken) -> Response:
    """A new token of the token's user. It never has more rights than the user."""
    return _shown(own_user(), body)


@own_account.delete("/me/tokens/<int:token_id>", responses={204: None, **described(404, 422, 503)})
def revoke_token(path: TokenPath) -> Response:
    """Revokes a token of one's own, within seconds. Repeating it changes nothing."""
    revoke_own(own_user(), path.token_id)
    return make_response("", 204)


@own_account.put("/me/email", responses={202: LinkAnswer, **described(422, 429, 503)})
def change_email(body: NewEmail) -> Response:
    """Mails a link to the new address, which takes effect when the link is opened."""
    ask_for_link(CHANGE, body.email, i18n.language(), user_id=own_user())
    return make_response(jsonify(valid_minutes=VALID_MINUTES), 202)


@own_account.delete("/me/sessions", responses={204: None, **described(422, 503)})
def log_out_everywhere() -> Response:
    """Ends all sessions of browsers. Tokens go on."""
    end_sessions(own_user())
    return make_response("", 204)


@own_account.get("/me/export", responses={200: ExportAnswer, **described(404, 422, 429, 503)})
def export() -> Response:
    """Everything that the site holds of the token's user."""
    return exported(own_user())


def exported(user_id: int) -> Response:
    """A copy of everything. A long one is sent as it is read. Ends the request with 429 where there were too many: what
    one costs nothing bounds but what the user has. Raises Transient where its beginning cannot be read."""
    bound(f"RATE_EXPORTS_{user_id}", services().settings.accounts.exports_per_hour, "copies of an account")
    user = feed().repository.user(user_id, fresh=True)
    head = {"user": own_item(user), "tokens": [token_item(one) for one in services().tokens.all(user_id)]}
    parts, begun, size = _parts(user_id, head), [], 0
    for part in parts:
        begun.append(part)
        size += len(part)
        if size > READ_AHEAD:
            break
    return Response(stream_with_context(chain(begun, parts)), mimetype="application/json")


def _parts(user_id: int, head: dict[str, Any]) -> Iterator[bytes]:
    yield orjson.dumps(head)[:-1]
    for name in ("followings", "followers"):
        yield from _listed(name, _related(user_id, name == "followings"))
    yield from _listed("posts", _posts(user_id))
    yield b"}"


def _listed(name: str, rows: Iterator[bytes]) -> Iterator[bytes]:
    """`rows`: some of them at a time, with commas between."""
    yield b',"%s":[' % name.encode()
    for number, some in enumerate(rows):
        yield b"," + some if number else some
    yield b"]"


def _related(user_id: int, followed: bool) -> Iterator[bytes]:
    before = 0
    while found := feed().repository.follows(user_id, followed, before, PEOPLE):
        yield orjson.dumps([user_item(user) for _, user in found])[1:-1]
        before = found[-1][0]


def _posts(user_id: int) -> Iterator[bytes]:
    before = 0
    while found := feed().repository.authored(user_id, before, POSTS):
        yield b",".join(map(written, found))
        before = found[-1].id


def revoke_own(user_id: int, token_id: int) -> None:
    """Raises NotFound for another one's token as for one that there is not."""
    if all(one.id != token_id for one in services().tokens.all(user_id)):
        raise NotFound(f"there is no token {token_id}")
    note_done("token.revoke", f"token {token_id}", by=f"user {user_id}")
    services().tokens.revoke(token_id)


def end_sessions(user_id: int) -> None:
    """Ends all sessions of a user; cookies of earlier versions, which are none, open nothing for as long as browsers
    keep them."""
    note_done("sessions.end", f"user {user_id}", by=f"user {user_id}")
    sessions, ends = services().sessions, services().now_ms() + COOKIE_DAYS * DAY_MS
    sessions.end_all(user_id)
    with suppress(NotFound):  # the user is gone, or another request says so at the same time
        sessions.begin(old_cookies_of(user_id), user_id, None, ends)


def made_token(user_id: int, wanted: NewOwnToken) -> tuple[str, Token]:
    """A new token with its secret. Raises Conflict where there are too many."""
    now = services().now_ms()
    if sum(not one.refusal(now) for one in services().tokens.all(user_id)) >= MOST_TOKENS:
        raise Conflict(f"an account has at most {MOST_TOKENS} tokens: revoke some that are not needed")
    ends = None if wanted.days is None else now + wanted.days * DAY_MS
    secret = new_token()
    token = services().tokens.add(digest_of(secret), user_id, wanted.scopes, wanted.name, ends)
    note_done("token.make", f"token {token.id}", by=f"user {user_id}")
    return secret, token


def _shown(user_id: int, wanted: NewOwnToken) -> Response:
    secret, token = made_token(user_id, wanted)
    answer = make_response(jsonify({**token_item(token), "user_id": user_id, "token": secret}), 201)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def token_item(token: Token) -> dict[str, Any]:
    """A token as its owner sees it."""
    return {
        "id": token.id,
        "name": token.name,
        "scopes": list(token.scopes),
        "created_at": rfc3339(token.created_at),
        "expires_at": None if token.expires_at is None else rfc3339(token.expires_at),
        "revoked_at": None if token.revoked_at is None else rfc3339(token.revoked_at),
    }
