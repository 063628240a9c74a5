"""Users and whom they follow: `/api/v1/users`."""

from __future__ import annotations

import contextlib
import unicodedata
from dataclasses import asdict
from typing import Annotated, Any, Self

from flask import Response, abort, g, jsonify, make_response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import AfterValidator, BaseModel, Field, StringConstraints, model_validator

from riverline.accounts.names import fault
from riverline.accounts.tokens import digest_of, new_token
from riverline.errors import NotFound, Transient
from riverline.feed import cursor
from riverline.model import User
from riverline.parsing.language.blank import is_blank
from riverline_api.context import services
from riverline_api.dependencies import Id, feed, writer
from riverline_api.entrance import bound_sign_ups
from riverline_api.http.acting_user import require_user
from riverline_api.http.datetimes import rfc3339
from riverline_api.http.problems import described
from riverline_api.http.requests import Parameters, link_next
from riverline_api.http.signing import signer
from riverline_api.http.trail import note, note_done
from riverline_api.resources.posts import PageQuery

users = APIBlueprint(
    "users", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="users", description="Users, and who follows whom")]
)

FIRST = "first"
EMAIL = r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)*$"


def seen_name(name: str) -> str:
    if is_blank(name):
        raise ValueError("it is empty")
    name = unicodedata.normalize("NFC", name)
    if said := fault(name):
        raise ValueError(said)
    return name


def kept_address(email: str) -> str:
    """An address as it is kept: one spelling of each letter (RFC 6532, 3.1), and none that nobody can see."""
    if any(is_blank(part) for part in email.split("@")):
        raise ValueError("it is empty")
    return unicodedata.normalize("NFC", email)


Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100), AfterValidator(seen_name)]


class UserPath(Parameters):
    user_id: Id


class FollowingPath(UserPath):
    other_id: Id


class NewUser(Parameters):
    """Who joins."""

    email: Annotated[
        str,
        Field(min_length=3, max_length=190, pattern=EMAIL, examples=["mina@example.org"]),
        AfterValidator(kept_address),
    ]
    name: Name


class UserChange(Parameters):
    """What is to change; the rest stays."""

    name: Name | None = None
    influencer: bool | None = Field(None, description="set by hand from now on, whatever the number of followers")

    @model_validator(mode="after")
    def _changes_something(self) -> Self:
        if self.name is None and self.influencer is None:
            raise ValueError("it must have a name or influencer")
        return self


class UserItem(BaseModel):
    """A user as others see it."""

    id: int
    name: str
    influencer: bool = Field(description="followers' timelines pull the posts")
    created_at: str


class ProfileItem(UserItem):
    """A user, and how much there is of and around it: each is counted up to 10 000."""

    followers: int
    followings: int
    posts: int


class OwnUser(UserItem):
    """A user as it sees itself."""

    email: str


class NewcomerUser(OwnUser):
    """A user, and the token to act as it."""

    token: str = Field(description="shown this once", examples=["rvl_pI7…"])


class MeAnswer(BaseModel):
    """Whom a token stands for."""

    user: OwnUser | None
    scopes: list[str] = Field(examples=[["admin"]])


class PeopleQuery(PageQuery):
    """Which users."""

    q: str = Field("", max_length=100, description="the beginning of a name, or of a word in it")


class UsersAnswer(BaseModel):
    """One page of users, the one who was followed or who followed last first."""

    items: list[UserItem]
    next_cursor: str | None


@users.post("/users", responses={201: NewcomerUser, **described(403, 409, 422, 429, 503)})
def create(body: NewUser) -> Response:
    """Adds a user, and gives the first token. Not where accounts are made by a mailed link."""
    if not services().settings.accounts.made_at_once:
        abort(403, "accounts are made by a mailed link here")
    bound_sign_ups()
    user = writer().create_user(body.email, body.name)
    secret = first_token(user)
    note_done("join", f"user {user.id}", by=f"user {user.id}")
    answer = make_response(jsonify({**own_item(user), "token": secret}), 201)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Location"] = f"/api/v1/users/{user.id}"
    return answer


@users.get("/users", responses={200: UsersAnswer, **described(422, 503)})
def found(query: PeopleQuery) -> Response:
    """Users, those who joined last first; with `q` those whose names begin so, or have a word that does."""
    of = f"users:{query.q}"
    listed = feed().repository.people(query.q.strip(), query.before(of), query.limit + 1)
    shown = listed[: query.limit]
    following = signer().signed(cursor.encoded(shown[-1].id, of)) if len(listed) > query.limit else None
    link_next(following)
    return jsonify(items=[user_item(user) for user in shown], next_cursor=following)


@users.get("/me", responses={200: MeAnswer, **described(404, 422, 503)})
def me() -> Response:
    """Whom the token stands for. `user` is null for a token of no user, such as an administrator's."""
    token = g.get("token")
    own = None
    if token is not None and token.user_id is not None:
        user = feed().repository.user(token.user_id, fresh=True)
        own = own_item(user)
    return jsonify(user=own, scopes=sorted(token.scopes) if token is not None else [])


@users.get("/users/<int:user_id>", responses={200: ProfileItem, **described(404, 422, 503)})
def read(path: UserPath) -> Response:
    """One user."""
    found = feed().repository.user(path.user_id)
    return jsonify({**user_item(found), **asdict(feed().repository.counts(path.user_id))})


@users.patch("/users/<int:user_id>", responses={200: UserItem, **described(403, 404, 422, 503)})
def change(path: UserPath, body: UserChange) -> Response:
    """Changes a user's name, or makes the user an influencer or ends it. Posts bear the new name within seconds."""
    require_user(path.user_id)
    if body.name is not None:
        writer().rename(path.user_id, body.name)
    if body.influencer is not None:
        writer().set_influencer(path.user_id, body.influencer)
    return jsonify(user_item(feed().repository.user(path.user_id, fresh=True)))


@users.delete("/users/<int:user_id>", responses={204: None, **described(403, 404, 422, 503)})
def delete(path: UserPath) -> Response:
    """Deletes a user with all posts and followings."""
    require_user(path.user_id)
    note("account.delete", f"user {path.user_id}")
    writer().delete_user(path.user_id)
    return make_response("", 204)


@users.put("/users/<int:user_id>/followings/<int:other_id>", responses={204: None, **described(403, 404, 422, 503)})
def follow(path: FollowingPath) -> Response:
    """Follows another user, whose posts are in the timeline from now on. Repeating it changes nothing."""
    require_user(path.user_id)
    writer().follow(path.user_id, path.other_id)
    return make_response("", 204)


@users.delete("/users/<int:user_id>/followings/<int:other_id>", responses={204: None, **described(403, 422, 503)})
def unfollow(path: FollowingPath) -> Response:
    """Unfollows a user, whose posts leave the timeline at once. Repeating it changes nothing."""
    require_user(path.user_id)
    writer().unfollow(path.user_id, path.other_id)
    return make_response("", 204)


@users.get("/users/<int:user_id>/followings", responses={200: UsersAnswer, **described(404, 422, 503)})
def followings(path: UserPath, query: PageQuery) -> Response:
    """Whom a user follows."""
    return _related(path.user_id, query, "followings")


@users.get("/users/<int:user_id>/followers", responses={200: UsersAnswer, **described(404, 422, 503)})
def followers(path: UserPath, query: PageQuery) -> Response:
    """Who follows a user."""
    return _related(path.user_id, query, "followers")


def first_token(user: User) -> str:
    """Without a token no one could act as the user; then the user is deleted again."""
    secret = new_token()
    try:
        services().tokens.add(digest_of(secret), user.id, (), FIRST, None)
    except Transient:
        with contextlib.suppress(Transient, NotFound):
            writer().delete_user(user.id)
        raise
    return secret


def _related(user_id: int, query: PageQuery, which: str) -> Response:
    of = f"{which}:{user_id}"
    before = query.before(of)
    feed().repository.user(user_id)
    found = feed().repository.follows(user_id, which == "followings", before, query.limit + 1)
    shown = found[: query.limit]
    following = signer().signed(cursor.encoded(shown[-1][0], of)) if len(found) > query.limit else None
    link_next(following)
    return jsonify(items=[user_item(user) for _, user in shown], next_cursor=following)


def own_item(user: User) -> dict[str, Any]:
    """A user as it sees itself."""
    return {**user_item(user), "email": user.email}


def user_item(user: User) -> dict[str, Any]:
    """A user as others see it."""
    return {
        "id": user.id,
        "name": user.name,
        "influencer": user.influencer,
        "created_at": rfc3339(user.created_at),
    }
