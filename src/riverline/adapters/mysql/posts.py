"""Posts in MySQL: those of one author, and those of all that a user follows.

Newest first means by descending id: ids are given in the order of insertion, and times are those of insertion.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, Row, Select, bindparam, delete, func, insert, select, text

from riverline.adapters.mysql import outbox
from riverline.adapters.mysql.tables import follower, milliseconds, post, user
from riverline.errors import NotFound
from riverline.feed.contracts import Deleted, Job, Posted, Snapshot
from riverline.model import Post

IDS_A_JOB = 500  # posts that one job is about

# Two ways to the same ids. `GATHER` collects all posts of the followed, `SCAN` walks down from the newest post and
# keeps those of the followed: better for many followings, unless they write little, so it goes a bounded way only.
FEW_FOLLOWINGS = 100
SPAN = 20_000
GATHER = """SELECT p.id FROM post p JOIN (
    SELECT user_id FROM follower WHERE follower_user_id = :user_id UNION ALL SELECT :user_id
) a ON a.user_id = p.user_id WHERE p.id < :before {but} ORDER BY p.id DESC LIMIT :most"""
SCAN = """SELECT p.id FROM post p FORCE INDEX (PRIMARY) WHERE p.id < :before AND p.id >= :lowest {but} AND (
    p.user_id = :user_id
    OR EXISTS (SELECT 1 FROM follower f WHERE f.user_id = p.user_id AND f.follower_user_id = :user_id)
) ORDER BY p.id DESC LIMIT :most"""
NEWEST = (1 << 63) - 1


def add(connection: Connection, user_id: int, contents: str, tags: Sequence[str], locale: str) -> Posted:
    """A new post. Whom the author follows does not change before it is committed. Raises NotFound."""
    wanted = select(user.c.name, user.c.followings_version, func.now(3).label("now")).where(user.c.id == user_id)
    author = connection.execute(wanted.with_for_update(read=True)).one_or_none()
    if author is None:
        raise NotFound(f"there is no user {user_id}")
    row = {"user_id": user_id, "contents": contents, "tags": orjson.dumps(list(tags)).decode(), "locale": locale}
    post_id = connection.execute(insert(post).values(row | {"created_at": author.now})).lastrowid
    made = Post(post_id, user_id, contents, author.name, tuple(tags), locale, milliseconds(author.now))
    fan_out = outbox.add(connection, "fan_out", {"post_id": post_id, "user_id": user_id})
    return Posted(
        made, author.followings_version, (fan_out, outbox.add(connection, "index_post", {"post_id": post_id}))
    )


def remove(connection: Connection, post_id: int) -> Deleted:
    """Raises NotFound."""
    user_id = connection.execute(select(post.c.user_id).where(post.c.id == post_id).with_for_update()).scalar()
    if user_id is None:
        raise NotFound(f"there is no post {post_id}")
    return Deleted(user_id, (post_id,), removed(connection, user_id, (post_id,)))


def removed(connection: Connection, user_id: int, post_ids: Sequence[int]) -> list[Job]:
    """Deletes posts of a user. Returns the jobs that follow from it."""
    jobs = []
    for first in range(0, len(post_ids), IDS_A_JOB):
        some = list(post_ids[first : first + IDS_A_JOB])
        connection.execute(delete(post).where(post.c.id.in_(some)))
        jobs.append(outbox.add(connection, "retract", {"post_ids": some, "user_id": user_id}))
        jobs.append(outbox.add(connection, "unindex_posts", {"post_ids": some}))
    return jobs


def found(connection: Connection, post_ids: Iterable[int]) -> dict[int, Post]:
    """Those of the posts that exist."""
    return {row.id: _post(row) for row in connection.execute(_posts().where(post.c.id.in_(post_ids)))}


def authored(connection: Connection, user_id: int, before: int, limit: int) -> list[Post]:
    """A user's own posts."""
    own = _posts().where(post.c.user_id == user_id, post.c.id < (before or NEWEST))
    return [_post(row) for row in connection.execute(own.order_by(post.c.id.desc()).limit(limit))]


def page(connection: Connection, user_id: int, before: int, limit: int) -> list[Post]:
    """A page of a timeline."""
    count = connection.execute(_followings_counted(user_id)).scalar_one()
    by_id = found(connection, _ids(connection, user_id, before, limit, count))
    return [by_id[post_id] for post_id in sorted(by_id, reverse=True)]


def snapshot(connection: Connection, user_id: int, most: int) -> Snapshot:
    """A timeline as it is to be cached: all of it from one consistent view. Raises NotFound."""
    version = connection.execute(select(user.c.followings_version).where(user.c.id == user_id)).scalar()
    if version is None:
        raise NotFound(f"there is no user {user_id}")
    followed = select(user.c.id, user.c.influencer).join_from(follower, user, follower.c.user_id == user.c.id)
    rows = connection.execute(followed.where(follower.c.follower_user_id == user_id)).all()
    pulled = tuple(row.id for row in rows if row.influencer == "t")
    ids = _ids(connection, user_id, 0, most + 1, len(rows), pulled)
    return Snapshot(version, ids[:most], ids[most] if len(ids) > most else 0, pulled, tuple(row.id for row in rows))


def authored_snapshot(connection: Connection, user_id: int, most: int) -> Snapshot:
    """A user's own posts as they are to be cached."""
    own = select(post.c.id).where(post.c.user_id == user_id).order_by(post.c.id.desc()).limit(most + 1)
    ids = connection.execute(own).scalars().all()
    return Snapshot(0, ids[:most], ids[most] if len(ids) > most else 0)


def _ids(
    connection: Connection, user_id: int, before: int, most: int, followings: int, but: Sequence[int] = ()
) -> Sequence[int]:
    """The newest ids of a timeline below `before`, without those by the authors `but`."""
    wanted = {"user_id": user_id, "before": before or NEWEST, "most": most, "but": list(but)}
    if followings > FEW_FOLLOWINGS:
        top = before or connection.execute(select(func.max(post.c.id))).scalar() or 0
        ids = _ask(connection, SCAN, wanted | {"lowest": top - SPAN})
        if len(ids) == most:
            return ids
    return _ask(connection, GATHER, wanted)


def _ask(connection: Connection, query: str, wanted: dict[str, Any]) -> Sequence[int]:
    if wanted["but"]:
        statement = text(query.format(but="AND p.user_id NOT IN :but")).bindparams(bindparam("but", expanding=True))
    else:
        statement = text(query.format(but=""))
        wanted = {name: value for name, value in wanted.items() if name != "but"}
    return connection.execute(statement, wanted).scalars().all()


def _followings_counted(user_id: int) -> Select[Any]:
    some = select(follower.c.id).where(follower.c.follower_user_id == user_id).limit(FEW_FOLLOWINGS + 1)
    return select(func.count()).select_from(some.subquery())


def _posts() -> Select[Any]:
    return select(post, user.c.name).join_from(post, user, post.c.user_id == user.c.id)


def _post(row: Row[Any]) -> Post:
    tags = tuple(orjson.loads(row.tags))
    return Post(row.id, row.user_id, row.contents, row.name, tags, row.locale, milliseconds(row.created_at))
