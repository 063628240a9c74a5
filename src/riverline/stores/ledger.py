"""`timeline.ports.Ledger` in MySQL: each method is one transaction on the primary, or one consistent view of it.

A transaction that lost against another one (a deadlock, a lock that was waited for too long) runs again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from riverline.errors import NotFound, Transient
from riverline.model import Post, User
from riverline.stores import followings, outbox, posts
from riverline.stores.mysql import LOCKED, Mysql
from riverline.stores.tables import user
from riverline.timeline.influence import Thresholds
from riverline.timeline.ports import INDEXING, Audience, Changed, Deleted, Job, Posted, Snapshot

ATTEMPTS = 4
Result = TypeVar("Result")


class MysqlLedger:
    """Thread-safe."""

    def __init__(self, mysql: Mysql, thresholds: Thresholds = Thresholds()) -> None:
        self._mysql, self._thresholds = mysql, thresholds

    def create_user(self, email: str, name: str) -> User:
        return self._write(lambda connection: followings.create(connection, email, name))

    def user(self, user_id: int, fresh: bool = False) -> User:
        look = self._view if fresh else self._anywhere
        return look(lambda connection: followings.one(connection, user_id))

    def delete_user(self, user_id: int) -> Deleted:
        return self._write(lambda connection: followings.remove(connection, user_id))

    def follow(self, follower: int, followed: int) -> Changed:
        return self._write(lambda connection: followings.follow(connection, follower, followed))

    def unfollow(self, follower: int, followed: int) -> Changed:
        return self._write(lambda connection: followings.unfollow(connection, follower, followed))

    def set_influencer(self, user_id: int, influencer: bool) -> Changed:
        return self._write(lambda connection: followings.set_influencer(connection, user_id, influencer))

    def weigh(self, user_id: int) -> Changed:
        return self._write(lambda connection: followings.weigh(connection, user_id, self._thresholds))

    def announced(self, user_id: int, influence: int) -> None:
        self._write(lambda connection: followings.announced(connection, user_id, influence))

    def follows(self, user_id: int, followed: bool, after: int, limit: int) -> list[tuple[int, User]]:
        return self._view(lambda connection: followings.related(connection, user_id, followed, after, limit))

    def add_post(self, user_id: int, contents: str, tags: Sequence[str], locale: str) -> Posted:
        return self._write(lambda connection: posts.add(connection, user_id, contents, tags, locale))

    def delete_post(self, post_id: int) -> Deleted:
        return self._write(lambda connection: posts.remove(connection, post_id))

    def posts(self, post_ids: Sequence[int]) -> dict[int, Post]:
        return self._view(lambda connection: posts.found(connection, post_ids))

    def post(self, post_id: int) -> Post:
        """From a replica where it has it. Raises NotFound."""

        def one(connection: Connection) -> Post:
            if not (found := posts.found(connection, [post_id])):
                raise NotFound(f"there is no post {post_id}")
            return found[post_id]

        return self._anywhere(one)

    def authored(self, user_id: int, before: int, limit: int) -> list[Post]:
        return self._view(lambda connection: posts.authored(connection, user_id, before, limit))

    def page(self, user_id: int, before: int, limit: int) -> list[Post]:
        def page(connection: Connection) -> list[Post]:
            followings.one(connection, user_id)
            return posts.page(connection, user_id, before, limit)

        return self._view(page)

    def snapshot(self, user_id: int, most: int) -> Snapshot:
        return self._view(lambda connection: posts.snapshot(connection, user_id, most))

    def authored_snapshot(self, user_id: int, most: int) -> Snapshot:
        return self._view(lambda connection: posts.authored_snapshot(connection, user_id, most))

    def audience(self, author: int, post_id: int, after: int, limit: int, all_followers: bool) -> Audience:
        return self._view(
            lambda connection: followings.audience(connection, author, post_id, after, limit, all_followers)
        )

    def progress(self, job: Job, after: int) -> None:
        self._write(lambda connection: outbox.progress(connection, job, after))

    def done(self, job_id: int) -> None:
        self._write(lambda connection: outbox.done(connection, job_id))

    def overdue(self, limit: int, waiting: float = 0.0) -> list[Job]:
        return self._write(lambda connection: outbox.overdue(connection, limit, waiting))

    def late(self, seconds: int) -> bool:
        return self._view(lambda connection: outbox.late(connection, seconds, INDEXING))

    def depth(self) -> tuple[int, int]:
        """How many jobs are open, and for how many seconds the oldest has been."""
        return self._view(outbox.depth)

    def newest_user(self) -> int:
        return self._view(lambda connection: connection.execute(select(func.max(user.c.id))).scalar() or 0)

    def users(self, after: int, limit: int) -> list[int]:
        wanted = select(user.c.id).where(user.c.id > after).order_by(user.c.id).limit(limit)
        return self._view(lambda connection: list(connection.execute(wanted).scalars()))

    def purge(self, limit: int = 5000) -> int:
        """Forgets jobs that were done long ago."""
        return self._write(lambda connection: outbox.purge(connection, limit))

    def _view(self, work: Callable[[Connection], Result]) -> Result:
        with self._mysql.reading(fresh=True) as connection:
            return work(connection)

    def _anywhere(self, work: Callable[[Connection], Result]) -> Result:
        """On a replica; what it does not have yet is looked for on the primary."""
        try:
            with self._mysql.reading() as connection:
                return work(connection)
        except NotFound:
            return self._view(work)

    def _write(self, work: Callable[[Connection], Result]) -> Result:
        for _ in range(ATTEMPTS - 1):
            try:
                with self._mysql.writing() as connection:
                    return work(connection)
            except Transient as error:
                if not _lost_a_lock(error):
                    raise
        with self._mysql.writing() as connection:
            return work(connection)


def _lost_a_lock(error: Transient) -> bool:
    cause = error.__cause__
    return isinstance(cause, DBAPIError) and bool(cause.orig and cause.orig.args and cause.orig.args[0] in LOCKED)
