"""Users and whom they follow: `/api/v1/users`."""

from __future__ import annotations

import contextlib
from typing import Annotated, Any

from flask import Response, jsonify, make_response
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field, StringConstraints

from api.acting import must_be
from api.context import services
from api.feed import Id, feed, writer
from api.posts import PageQuery
from api.problems import described
from api.requests import Parameters
from api.times import rfc3339
from riverline.access.tokens import digest_of, new_token
from riverline.errors import NotFound, Transient
from riverline.model import User
from riverline.timeline import cursor

users = APIBlueprint(
    "users", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="users", description="Users, and who follows whom")]
)

FIRST = "first"
EMAIL = r"^[^@\s]+@[^@\s.]+(\.[^@\s.]+)*$"


class UserPath(Parameters):
    user_id: Id


class FollowingPath(UserPath):
    other_id: Id


class NewUser(Parameters):
    """Who joins."""

    email: str = Field(min_length=3, max_length=190, pattern=EMAIL, examples=["mina@example.org"])
    name: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=100)]


class UserChange(Parameters):
    """What is to change."""

    influencer: bool = Field(description="from now on by hand: the number of followers does not change it any more")


class UserItem(BaseModel):
    """A user as others see it."""

    id: int
    name: str
    influencer: bool = Field(description="followers' timelines pull the posts")
    created_at: str


class OwnUser(UserItem):
    """A user as it sees itself."""

    email: str


class NewcomerUser(OwnUser):
    """A user, and the token to act as it."""

    token: str = Field(description="shown this once", examples=["rvl_pI7…"])


class UsersAnswer(BaseModel):
    """One page of users, the one who was followed or who followed last first."""

    items: list[UserItem]
    next_cursor: str | None


@users.post("/users", responses={201: NewcomerUser, **described(409, 422, 503)})
def create(body: NewUser) -> Response:
    """Adds a user, and gives the first token."""
    user = writer().create_user(body.email, body.name)
    secret = first_token(user)
    answer = make_response(jsonify({**_item(user), "email": user.email, "token": secret}), 201)
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["Location"] = f"/api/v1/users/{user.id}"
    return answer


@users.get("/users/<int:user_id>", responses={200: UserItem, **described(404, 422, 503)})
def read(path: UserPath) -> Response:
    """One user."""
    return jsonify(_item(feed().ledger.user(path.user_id)))


@users.patch("/users/<int:user_id>", responses={200: UserItem, **described(403, 404, 422, 503)})
def change(path: UserPath, body: UserChange) -> Response:
    """Makes a user an influencer, or ends it. No timeline changes by it."""
    must_be(path.user_id)
    writer().set_influencer(path.user_id, body.influencer)
    return jsonify(_item(feed().ledger.user(path.user_id, fresh=True)))


@users.delete("/users/<int:user_id>", responses={204: None, **described(403, 404, 422, 503)})
def delete(path: UserPath) -> Response:
    """Deletes a user with all posts and followings."""
    must_be(path.user_id)
    writer().delete_user(path.user_id)
    return make_response("", 204)


@users.put("/users/<int:user_id>/followings/<int:other_id>", responses={204: None, **described(403, 404, 422, 503)})
def follow(path: FollowingPath) -> Response:
    """Follows another user, whose posts are in the timeline from now on. Twice is once."""
    must_be(path.user_id)
    writer().follow(path.user_id, path.other_id)
    return make_response("", 204)


@users.delete("/users/<int:user_id>/followings/<int:other_id>", responses={204: None, **described(403, 422, 503)})
def unfollow(path: FollowingPath) -> Response:
    """Ends a following; the posts leave the timeline at once. Twice is once."""
    must_be(path.user_id)
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
    """Without it nobody could act as the user, who is taken back then."""
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
    feed().ledger.user(user_id)
    found = feed().ledger.follows(user_id, which == "followings", before, query.limit + 1)
    shown = found[: query.limit]
    following = cursor.encoded(shown[-1][0], of) if len(found) > query.limit else None
    return jsonify(items=[_item(user) for _, user in shown], next_cursor=following)


def _item(user: User) -> dict[str, Any]:
    return {
        "id": user.id,
        "name": user.name,
        "influencer": user.influencer,
        "created_at": rfc3339(user.created_at),
    }
