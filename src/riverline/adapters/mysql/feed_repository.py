"""`feed.contracts.FeedRepository` in MySQL: a method is one transaction on the primary, or one consistent view.

A transaction that lost against another one (a deadlock, a lock that was waited for too long) runs again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Concatenate, ParamSpec, TypeVar

from sqlalchemy import Connection, func, select
from sqlalchemy.exc import DBAPIError

from riverline.adapters.mysql import followings, outbox, posts
from riverline.adapters.mysql.database import LOCKED, Database
from riverline.adapters.mysql.tables import user
from riverline.errors import NotFound
from riverline.feed.contracts import INDEXING, Audience, Changed, Deleted, Job, Parked, Posted, ProfileCounts, Snapshot
from riverline.feed.influence import Thresholds
from riverline.model import Post, User
from riverline.retry import retried

ATTEMPTS = 4
Arguments = ParamSpec("Arguments")
Result = TypeVar("Result")
Work = Callable[Concatenate[Connection, Arguments], Result]  # in a transaction


class MysqlFeedRepository:
    """Thread-safe."""

    def __init__(self, mysql: Database, thresholds: Thresholds = Thresholds()) -> None:
        self._mysql, self._thresholds = mysql, thresholds

    def create_user(self, email: str, name: str) -> User:
        return self._write(followings.create, email, name)

    def user(self, user_id: int, fresh: bool = False) -> User:
        look = self._view if fresh else self._anywhere
        return look(followings.one, user_id)

    def rename(self, user_id: int, name: str) -> Changed:
        return self._write(followings.rename, user_id, name)

    def user_by_email(self, email: str) -> User | None:
        return self._view(followings.by_email, email)

    def change_email(self, user_id: int, email: str) -> User:
        return self._write(followings.change_email, user_id, email)

    def delete_user(self, user_id: int) -> Deleted:
        return self._write(followings.remove, user_id)

    def follow(self, follower: int, followed: int) -> Changed:
        return self._write(followings.follow, follower, followed)

    def unfollow(self, follower: int, followed: int) -> Changed:
        return self._write(followings.unfollow, follower, followed)

    def set_influencer(self, user_id: int, influencer: bool) -> Changed:
        return self._write(followings.set_influencer, user_id, influencer)

    def weigh(self, user_id: int) -> Changed:
        return self._write(followings.weigh, user_id, self._thresholds)

    def announced(self, user_id: int, influence: int) -> None:
        self._write(followings.announced, user_id, influence)

    def follows(self, user_id: int, followed: bool, after: int, limit: int) -> list[tuple[int, User]]:
        return self._newest(followings.related, user_id, followed, after, limit)

    def counts(self, user_id: int) -> ProfileCounts:
        return self._newest(followings.counts, user_id)

    def add_post(self, user_id: int, contents: str, tags: Sequence[str], locale: str) -> Posted:
        return self._write(posts.add, user_id, contents, tags, locale)

    def delete_post(self, post_id: int) -> Deleted:
        return self._write(posts.remove, post_id)

    def posts(self, post_ids: Sequence[int]) -> dict[int, Post]:
        return self._view(posts.found, post_ids)

    def post(self, post_id: int) -> Post:
        """From a replica where it has it. Raises NotFound."""

        def one(connection: Connection) -> Post:
            if not (found := posts.found(connection, [post_id])):
                raise NotFound(f"there is no post {post_id}")
            return found[post_id]

        return self._anywhere(one)

    def authored(self, user_id: int, before: int, limit: int) -> list[Post]:
        return self._newest(posts.authored, user_id, before, limit)

    def page(self, user_id: int, before: int, limit: int) -> list[Post]:
        def page(connection: Connection) -> list[Post]:
            followings.one(connection, user_id)
            return posts.page(connection, user_id, before, limit)

        return self._newest(page)

    def snapshot(self, user_id: int, most: int) -> Snapshot:
        return self._view(posts.snapshot, user_id, most)

    def authored_snapshot(self, user_id: int, most: int) -> Snapshot:
        return self._view(posts.authored_snapshot, user_id, most)

    def audience(self, author: int, post_id: int, after: int, limit: int, all_followers: bool) -> Audience:
        return self._view(followings.audience, author, post_id, after, limit, all_followers)

    def progress(self, job: Job, after: int) -> None:
        self._write(outbox.progress, job, after)

    def done(self, job_id: int) -> None:
        self._write(outbox.done, job_id)

    def overdue(self, limit: int, waiting: float = 0.0) -> list[Job]:
        return self._write(outbox.overdue, limit, waiting)

    def late(self, seconds: int) -> bool:
        return self._view(outbox.late, seconds, INDEXING)

    def depth(self) -> tuple[int, int]:
        return self._newest(outbox.depth)

    def failed(self, job_id: int, error: str) -> bool:
        return self._write(outbox.failed, job_id, error)

    def parked(self, after: int, limit: int) -> list[Parked]:
        return self._newest(outbox.parked, after, limit)

    def unpark(self, job_ids: Sequence[int]) -> int:
        return self._write(outbox.unpark, job_ids)

    def newest_user(self) -> int:
        return self._view(lambda connection: connection.execute(select(func.max(user.c.id))).scalar() or 0)

    def users(self, after: int, limit: int) -> list[int]:
        wanted = select(user.c.id).where(user.c.id > after).order_by(user.c.id).limit(limit)
        return self._view(lambda connection: list(connection.execute(wanted).scalars()))

    def people(self, name: str, before: int, limit: int) -> list[User]:
        return self._anywhere(followings.named, name, before, limit)

    def purge(self, limit: int = 5000) -> int:
        """Forgets jobs that were done long ago."""
        return self._write(outbox.purge, limit)

    def _view(self, work: Work[Arguments, Result], *given: Arguments.args, **named: Arguments.kwargs) -> Result:
        with self._mysql.reading(fresh=True) as connection:
            return work(connection, *given, **named)

    def _newest(self, work: Work[Arguments, Result], *given: Arguments.args, **named: Arguments.kwargs) -> Result:
        """For what is shown and not kept: while there is no primary, as a replica has it."""
        with self._mysql.reading(fresh=True, or_replica=True) as connection:
            return work(connection, *given, **named)

    def _anywhere(self, work: Work[Arguments, Result], *given: Arguments.args, **named: Arguments.kwargs) -> Result:
        """On a replica; what it does not have yet is looked for on the primary."""
        try:
            with self._mysql.reading() as connection:
                return work(connection, *given, **named)
        except NotFound:
            return self._view(work, *given, **named)

    def _write(self, work: Work[Arguments, Result], *given: Arguments.args, **named: Arguments.kwargs) -> Result:
        def written() -> Result:
            with self._mysql.writing() as connection:
                return work(connection, *given, **named)

        return retried(written, _lost_a_lock, pause=0, attempts=ATTEMPTS)


def _lost_a_lock(error: Exception) -> bool:
    cause = error.__cause__
    return isinstance(cause, DBAPIError) and bool(cause.orig and cause.orig.args and cause.orig.args[0] in LOCKED)
