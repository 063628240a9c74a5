"""A post as the JSON that is kept under `POST_{id}` and sent in the API's answers: encoded once, copied as it is."""

from __future__ import annotations

from typing import Any

import orjson

from riverline.model import Post
from riverline.times import rfc3339

GONE = b""  # in the place of a body: the post was deleted


def body(post: Post) -> bytes:
    """The JSON of a post; times are RFC 3339 in UTC, to the millisecond."""
    return orjson.dumps(
        {
            "id": post.id,
            "user_id": post.user_id,
            "user_name": post.user_name,
            "contents": post.contents,
            "tags": post.tags,
            "locale": post.locale,
            "created_at": rfc3339(post.created_at),
        }
    )


def fields(written: bytes) -> dict[str, Any]:
    """What a body says."""
    found: dict[str, Any] = orjson.loads(written)
    return found
