"""The in-memory twin of `MysqlFeedRepository`: users, followings, posts and the outbox as plain objects."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from riverline.errors import Conflict, NotFound
from riverline.feed.contracts import (
    INDEXING,
    MOST_COUNTED,
    MOST_FAILURES,
    Audience,
    Author,
    Changed,
    Deleted,
    Job,
    Parked,
    Posted,
    ProfileCounts,
    Snapshot,
)
from riverline.feed.influence import Thresholds, becomes, is_pulled_only
from riverline.model import Post, User


@dataclass
class Row:
    user: User
    version: int = 0
    influence: int = 0
    announced: bool = False
    by_hand: bool = False


class MemoryFeedRepository:
    """Not thread-safe. `now_ms` gives the time of posts and users."""

    def __init__(self, thresholds: Thresholds = Thresholds(), now_ms: Callable[[], int] = lambda: 0) -> None:
        self._thresholds, self._now_ms = thresholds, now_ms
        self._users: dict[int, Row] = {}
        self._follows: dict[tuple[int, int], int] = {}  # (followed, follower): id
        self._posts: dict[int, Post] = {}
        self.outbox: dict[int, Job] = {}
        self._failures: dict[int, int] = {}
        self._parked: dict[int, Parked] = {}
        self._ids = itertools.count(1)

    def create_user(self, email: str, name: str) -> User:
        if self.user_by_email(email) is not None:
            raise Conflict("this e-mail address is already in use")
        user = User(next(self._ids), email, name, False, self._now_ms())
        self._users[user.id] = Row(user)
        return user

    def user(self, user_id: int, fresh: bool = False) -> User:
        return self._row(user_id).user

    def rename(self, user_id: int, name: str) -> Changed:
        row = self._row(user_id)
        if row.user.name == name:
            return Changed(False)
        row.user = replace(row.user, name=name)
        for post in self.authored(user_id, 0, len(self._posts)):
            self._posts[post.id] = replace(post, user_name=name)
        return Changed(True, row.version, (self._job("rename", user_id=user_id),))

    def user_by_email(self, email: str) -> User | None:
        found = (row.user for row in self._users.values() if row.user.email.lower() == email.lower())
        return next(found, None)

    def change_email(self, user_id: int, email: str) -> User:
        row, other = self._row(user_id), self.user_by_email(email)
        if other is not None and other.id != user_id:
            raise Conflict("this e-mail address is already in use")
        row.user = replace(row.user, email=email)
        return row.user

    def delete_user(self, user_id: int) -> Deleted:
        row = self._row(user_id)
        post_ids = [post.id for post in self._posts.values() if post.user_id == user_id]
        for post_id in post_ids:
            del self._posts[post_id]
        self._follows = {pair: key for pair, key in self._follows.items() if user_id not in pair}
        del self._users[row.user.id]
        return Deleted(user_id, post_ids, [self._job("forget", user_id=user_id), *self._gone_jobs(user_id, post_ids)])

    def follow(self, follower: int, followed: int) -> Changed:
        row = self._row(follower)
        self._row(followed)
        if (followed, follower) in self._follows:
            return Changed(False)
        self._follows[followed, follower] = next(self._ids)
        return self._refollowed(row, followed)

    def unfollow(self, follower: int, followed: int) -> Changed:
        if self._follows.pop((followed, follower), None) is None:
            return Changed(False)
        return self._refollowed(self._row(follower), followed)

    def _refollowed(self, row: Row, other: int) -> Changed:
        row.version += 1
        job = self._job("refresh", user_id=row.user.id, version=row.version, other=other)
        return Changed(True, row.version, (job,))

    def set_influencer(self, user_id: int, influencer: bool) -> Changed:
        row = self._row(user_id)
        row.by_hand = True
        return self._influence(row, influencer)

    def weigh(self, user_id: int) -> Changed:
        row = self._users.get(user_id)
        if row is None or row.by_hand:
            return Changed(False)
        followers = sum(followed == user_id for followed, _ in self._follows)
        return self._influence(row, becomes(row.user.influencer, followers, self._thresholds))

    def _influence(self, row: Row, influencer: bool) -> Changed:
        if row.user.influencer is influencer:
            return Changed(False)
        row.user = replace(row.user, influencer=influencer)
        row.influence += 1
        row.announced = False
        task = "announce" if influencer else "withdraw"
        return Changed(True, 0, (self._job(task, user_id=row.user.id, influence=row.influence),))

    def announced(self, user_id: int, influence: int) -> None:
        row = self._users.get(user_id)
        if row and row.user.influencer and row.influence == influence:
            row.announced = True

    def follows(self, user_id: int, followed: bool, after: int, limit: int) -> list[tuple[int, User]]:
        own, other = (1, 0) if followed else (0, 1)
        found = [(key, pair[other]) for pair, key in self._follows.items() if pair[own] == user_id]
        below = sorted((one for one in found if not after or one[0] < after), reverse=True)
        return [(key, self._users[user].user) for key, user in below[:limit]]

    def counts(self, user_id: int) -> ProfileCounts:
        followers = sum(followed == user_id for followed, _ in self._follows)
        followings = sum(follower == user_id for _, follower in self._follows)
        posts = sum(one.user_id == user_id for one in self._posts.values())
        return ProfileCounts(*(min(n, MOST_COUNTED) for n in (followers, followings, posts)))

    def add_post(self, user_id: int, contents: str, tags: Sequence[str], locale: str) -> Posted:
        row = self._row(user_id)
        post = Post(next(self._ids), user_id, contents, row.user.name, tuple(tags), locale, self._now_ms())
        self._posts[post.id] = post
        jobs = self._job("fan_out", post_id=post.id, user_id=user_id), self._job("index_post", post_id=post.id)
        return Posted(post, row.version, jobs)

    def delete_post(self, post_id: int) -> Deleted:
        if post_id not in self._posts:
            raise NotFound(f"there is no post {post_id}")
        post = self._posts.pop(post_id)
        return Deleted(post.user_id, (post_id,), self._gone_jobs(post.user_id, (post_id,)))

    def _gone_jobs(self, user_id: int, post_ids: Sequence[int]) -> Sequence[Job]:
        return (
            self._job("retract", post_ids=list(post_ids), user_id=user_id),
            self._job("unindex_posts", post_ids=list(post_ids)),
        )

    def posts(self, post_ids: Sequence[int]) -> dict[int, Post]:
        return {post_id: self._posts[post_id] for post_id in post_ids if post_id in self._posts}

    def authored(self, user_id: int, before: int, limit: int) -> list[Post]:
        return self._newest({user_id}, before)[:limit]

    def page(self, user_id: int, before: int, limit: int) -> list[Post]:
        self._row(user_id)
        return self._newest({user_id, *self._followings(user_id)}, before)[:limit]

    def snapshot(self, user_id: int, most: int) -> Snapshot:
        row, followings = self._row(user_id), self._followings(user_id)
        pulled = [one for one in followings if self._users[one].user.influencer]
        posts = self._newest({user_id, *followings} - set(pulled), 0)
        return _snapshot(row.version, posts, most, pulled, followings)

    def authored_snapshot(self, user_id: int, most: int) -> Snapshot:
        return _snapshot(0, self._newest({user_id}, 0), most, (), ())

    def audience(self, author: int, post_id: int, after: int, limit: int, all_followers: bool) -> Audience:
        row, exists = self._users.get(author), post_id in self._posts
        if row is None:
            return Audience(None, exists)
        found = Author(row.version, row.user.influencer, row.announced, row.influence)
        if not all_followers and is_pulled_only(found.influencer, found.announced):
            return Audience(found, exists)
        followers = sorted(one for followed, one in self._follows if followed == author and one > after)[:limit]
        return Audience(found, exists, [(one, self._users[one].version) for one in followers])

    def progress(self, job: Job, after: int) -> None:
        self._failures.pop(job.id, None)
        if job.id in self.outbox:
            self.outbox[job.id] = Job(job.id, job.task, {**job.payload, "after": after})

    def done(self, job_id: int) -> None:
        self.outbox.pop(job_id, None)
        self._failures.pop(job_id, None)
        self._parked.pop(job_id, None)

    def depth(self) -> tuple[int, int]:
        """No time passes here."""
        return len(self.outbox), 0

    def failed(self, job_id: int, error: str) -> bool:
        if job_id not in self.outbox:
            return job_id in self._parked
        failures = self._failures[job_id] = self._failures.get(job_id, 0) + 1
        if failures < MOST_FAILURES:
            return False
        now = self._now_ms()  # when it was made is not kept here
        self._parked[job_id] = Parked(self.outbox.pop(job_id), self._failures.pop(job_id), error, now, now)
        return True

    def parked(self, after: int, limit: int) -> list[Parked]:
        return [self._parked[job_id] for job_id in sorted(self._parked) if job_id > after][:limit]

    def unpark(self, job_ids: Sequence[int]) -> int:
        chosen = [self._parked.pop(job_id) for job_id in set(job_ids) & self._parked.keys()]
        self.outbox |= {one.job.id: one.job for one in chosen}
        return len(chosen)

    def purge(self, limit: int = 5000) -> int:
        """Nothing: what is done is forgotten at once."""
        return 0

    def newest_user(self) -> int:
        return max(self._users, default=0)

    def users(self, after: int, limit: int) -> list[int]:
        return sorted(user_id for user_id in self._users if user_id > after)[:limit]

    def people(self, name: str, before: int, limit: int) -> list[User]:
        wanted = name.casefold()
        ids = [user_id for user_id in sorted(self._users, reverse=True) if not before or user_id < before]
        found = [self._users[user_id].user for user_id in ids]
        return [one for one in found if f" {wanted}" in f" {one.name.casefold()}"][:limit]

    def post(self, post_id: int) -> Post:
        if post_id not in self._posts:
            raise NotFound(f"there is no post {post_id}")
        return self._posts[post_id]

    def overdue(self, limit: int, waiting: float = 0.0) -> list[Job]:
        """All open jobs: no time passes here."""
        return list(self.outbox.values())[:limit]

    def late(self, seconds: int) -> bool:
        """If any is open: no time passes here."""
        return any(job.task not in INDEXING for job in self.outbox.values())

    def _job(self, task: str, **payload: Any) -> Job:
        job = Job(next(self._ids), task, payload)
        self.outbox[job.id] = job
        return job

    def _row(self, user_id: int) -> Row:
        if user_id not in self._users:
            raise NotFound(f"there is no user {user_id}")
        return self._users[user_id]

    def _followings(self, user_id: int) -> list[int]:
        return [followed for followed, follower in self._follows if follower == user_id]

    def _newest(self, authors: set[int], before: int) -> list[Post]:
        found = (post for post in self._posts.values() if post.user_id in authors and (not before or post.id < before))
        return sorted(found, key=lambda post: -post.id)


def _snapshot(
    version: int, posts: Sequence[Post], most: int, pulled: Sequence[int], followings: Sequence[int]
) -> Snapshot:
    ids = [post.id for post in posts]
    return Snapshot(version, ids[:most], ids[most] if len(ids) > most else 0, tuple(pulled), tuple(followings))
