"""Posts and timelines: `/api/v1/posts`, and `/api/v1/users/{user_id}/posts`."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from hashlib import blake2b
from typing import Annotated

import orjson
from flask import Response, make_response, request
from flask_openapi3 import APIBlueprint, Tag
from pydantic import AfterValidator, BaseModel, Field

from riverline.feed import cursor
from riverline.feed.body import body as written
from riverline.parsing.language.blank import is_blank
from riverline_api.dependencies import Id, feed, writer
from riverline_api.http.acting_user import require_user, user_meant
from riverline_api.http.problems import described
from riverline_api.http.requests import JSON, Parameters, lean, link_next
from riverline_api.http.signing import signer

posts = APIBlueprint(
    "posts", __name__, url_prefix="/api/v1", abp_tags=[Tag(name="posts", description="Posts and timelines")]
)

LOCALE = r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"


def _spoken(text: str) -> str:
    if is_blank(text):
        raise ValueError("it is empty")
    return unicodedata.normalize("NFC", text)


class PostPath(Parameters):
    post_id: Id


class AuthorPath(Parameters):
    user_id: Id


class PageQuery(Parameters):
    """Which page of a list."""

    limit: int = Field(20, ge=1, le=100)
    cursor: str = Field("", max_length=64, description="`next_cursor` of the previous page")

    def before(self, of: str) -> int:
        """The id that the page before ended with; 0 for the first page. Raises Invalid for a cursor of another list."""
        return cursor.decoded(signer().opened(self.cursor), of) if self.cursor else 0


class TimelineQuery(PageQuery):
    """Whose timeline, and which page of it."""

    user_id: Id | None = Field(None, description="if not given, the user of the token")


class NewPost(Parameters):
    """What is posted."""

    user_id: Id | None = Field(None, description="if not given, the user of the token")
    contents: Annotated[str, AfterValidator(_spoken)] = Field(min_length=1, max_length=10_000)
    tags: list[Annotated[str, Field(min_length=1, max_length=50), AfterValidator(_spoken)]] = Field([], max_length=20)
    locale: str = Field("ko-KR", max_length=35, pattern=LOCALE, description="BCP 47")


class PostItem(BaseModel):
    """A post."""

    id: int
    user_id: int
    user_name: str
    contents: str
    tags: list[str]
    locale: str
    created_at: str = Field(description="RFC 3339, UTC", examples=["2026-03-01T09:00:00.000Z"])


class PostsAnswer(BaseModel):
    """One page of posts, the newest first."""

    items: list[PostItem]
    next_cursor: str | None


@posts.get("/posts", responses={200: PostsAnswer, **described(403, 404, 422, 503)})
@lean
def timeline(query: TimelineQuery) -> bytes:
    """A user's timeline: the posts of those the user follows, and the user's own."""
    user_id = user_meant(query.user_id)
    of = f"timeline:{user_id}"
    page = feed().reader.read(user_id, query.limit, query.before(of))
    return _page((entry.body for entry in page.entries), page.next, of)


@posts.get("/users/<int:user_id>/posts", responses={200: PostsAnswer, **described(404, 422, 503)})
def authored(path: AuthorPath, query: PageQuery) -> Response:
    """What a user wrote."""
    of = f"posts:{path.user_id}"
    feed().repository.user(path.user_id)
    found = feed().repository.authored(path.user_id, query.before(of), query.limit + 1)
    shown = found[: query.limit]
    return Response(_page(map(written, shown), shown[-1].id if len(found) > query.limit else None, of), mimetype=JSON)


@posts.post("/posts", responses={201: PostItem, **described(403, 404, 422, 503)})
def create(body: NewPost) -> Response:
    """Writes a post. It is in the author's timeline at once, in the followers' once pushed, and then searchable."""
    post = writer().post(user_meant(body.user_id), body.contents, body.tags, body.locale)
    answer = Response(written(post), 201, mimetype=JSON)
    answer.headers["Location"] = f"/api/v1/posts/{post.id}"
    return answer


@posts.get("/posts/<int:post_id>", responses={200: PostItem, **described(404, 422, 503)})
def read(path: PostPath) -> Response:
    """One post."""
    found = written(feed().repository.post(path.post_id))
    answer = Response(found, mimetype=JSON)
    answer.set_etag(blake2b(found, digest_size=12).hexdigest())
    answer.make_conditional(request.environ)  # it changes the answer itself
    return answer


@posts.delete("/posts/<int:post_id>", responses={204: None, **described(403, 404, 422, 503)})
def delete(path: PostPath) -> Response:
    """Deletes a post. It leaves every timeline at once, and searches within seconds."""
    require_user(feed().repository.post(path.post_id).user_id)
    writer().delete_post(path.post_id)
    return make_response("", 204)


def _page(bodies: Iterable[bytes], next_id: int | None, of: str) -> bytes:
    """The answer, of bodies that are JSON already."""
    following = signer().signed(cursor.encoded(next_id, of)) if next_id else None
    link_next(following)
    end = b'],"next_cursor":' + orjson.dumps(following) + b"}"
    return b'{"items":[' + b",".join(bodies) + end
