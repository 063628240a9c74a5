"""The jobs of the outbox: what a change means for the cache and the index. Each may run at any time, in any order,
twice or half: it looks at what MySQL says now, and stops where it is out of date.

What a server does or does not do is never a job's fault: only errors of OWN_FAULTS are, and only while the servers that
jobs need answer. After MOST_FAILURES of them the job is parked.

A job over an author's followers goes chunk by chunk, by ascending id, and notes how far it has come. The rest is sent
as a job of its own, so that a long one does not delay the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from riverline.errors import Invalid
from riverline.feed.contracts import Audience, Author, Cache, FeedRepository, Job, Searchable, Send
from riverline.feed.keys import all_keys, authored_key, timeline_key
from riverline.model import Post

CHUNK = 1000  # followers
MOST_RENAMED = 100  # posts that one job writes into the index
OWN_FAULTS = (Invalid, LookupError, TypeError, ValueError, AttributeError, ArithmeticError, AssertionError)
NOBODY = 0  # the id of no user and of no post


class JobRunner:
    """A job stays in the outbox until it is done or parked. `run` raises Transient when it is to be run again soon."""

    def __init__(
        self, repository: FeedRepository, cache: Cache, index: Searchable, send: Send, chunk: int = CHUNK
    ) -> None:
        self._repository, self._cache, self._index, self._send, self._chunk = repository, cache, index, send, chunk
        self._tasks: dict[str, Callable[[Job, Mapping[str, Any]], None]] = {
            "fan_out": self._fan_out,
            "retract": self._retract,
            "refresh": self._refresh,
            "rename": self._rename,
            "forget": self._forget,
            "announce": self._announce,
            "withdraw": self._withdraw,
            "index_post": self._index_post,
            "unindex_posts": self._unindex_posts,
        }

    def run(self, job: Job) -> None:
        """Does a job, or one chunk of it. A fault of the job's own is noted, and raised."""
        try:
            self._tasks[job.task](job, job.payload)
        except OWN_FAULTS as error:
            self._ask_servers()
            self._repository.failed(job.id, f"{type(error).__name__}: {error}")
            raise

    def _ask_servers(self) -> None:
        """Raises Transient when one of them is away: then a failure does not count against the job."""
        self._cache.read([timeline_key(NOBODY)], 0, 1)
        self._index.withdraw([NOBODY])

    def sweep(self, limit: int = 500, waiting: float = 0.0) -> int:
        """Sends the jobs again that nothing was heard of lately. Returns how many.

        `waiting`: seconds that the oldest task of the queue has waited. What was sent since then is still there: sent
        again it would make a queue that is too long longer yet, until that holds little but repetitions.
        """
        overdue = self._repository.overdue(limit, waiting)
        for job in overdue:
            self._send(job)
        return len(overdue)

    def _fan_out(self, job: Job, payload: Mapping[str, Any]) -> None:
        """Pushes a post, to those followers whose author is not known to be pulled."""
        post_id, author, after = payload["post_id"], payload["user_id"], payload.get("after", 0)
        audience = self._repository.audience(author, post_id, after, self._chunk, all_followers=False)
        if not audience.exists or audience.author is None:
            return self._repository.done(job.id)
        own = [] if after else [(timeline_key(author), audience.author.version), (authored_key(author), 0)]
        self._cache.push(post_id, [*own, *_lists(audience)])
        return self._next(job, audience)

    def _retract(self, job: Job, payload: Mapping[str, Any]) -> None:
        """Takes posts out of the timelines that they were pushed to."""
        post_ids, author, after = payload["post_ids"], payload["user_id"], payload.get("after", 0)
        if not after:
            self._cache.bury(post_ids)
        audience = self._repository.audience(author, 0, after, self._chunk, all_followers=True)
        own = [] if after else [timeline_key(author), authored_key(author)]
        keys = [*own, *(key for key, _ in _lists(audience))]
        for post_id in post_ids:
            self._cache.remove(post_id, keys)
        self._next(job, audience)

    def _refresh(self, job: Job, payload: Mapping[str, Any]) -> None:
        """Lets a timeline be rebuilt after its user's followings changed; weighs who was followed or left."""
        self._cache.refresh(payload["user_id"], payload["version"])
        for more in self._repository.weigh(payload["other"]).jobs:
            self._send(more)
        self._repository.done(job.id)

    def _rename(self, job: Job, payload: Mapping[str, Any]) -> None:
        """Has an author's posts read and found under the name of now, the newest ones first."""
        most = min(self._chunk, MOST_RENAMED)
        post_ids = [post.id for post in self._repository.authored(payload["user_id"], payload.get("after", 0), most)]
        self._cache.forget(post_ids)
        self._publish(post_ids)
        self._go_on(job, post_ids[-1] if len(post_ids) == most else None)

    def _forget(self, job: Job, payload: Mapping[str, Any]) -> None:
        """Drops all that is kept about a user who is gone."""
        self._cache.drop(all_keys(payload["user_id"]))
        self._repository.done(job.id)

    def _announce(self, job: Job, payload: Mapping[str, Any]) -> None:
        """Lets the followers' timelines pull a new influencer's posts; then nothing is pushed any more."""
        author, audience = payload["user_id"], self._chunk_of(payload)
        if not _still(audience.author, payload, influencer=True):
            return self._repository.done(job.id)
        self._cache.pull(author, _lists(audience))
        if self._is_last(audience):
            self._repository.announced(author, payload["influence"])
        return self._next(job, audience)

    def _withdraw(self, job: Job, payload: Mapping[str, Any]) -> None:
        """Ends the pulling: posts are pushed again, and those that were not are found by building anew."""
        author, audience = payload["user_id"], self._chunk_of(payload)
        if not _still(audience.author, payload, influencer=False):
            return self._repository.done(job.id)
        self._cache.unpull(author, [key for key, _ in _lists(audience)])
        return self._next(job, audience)

    def _index_post(self, job: Job, payload: Mapping[str, Any]) -> None:
        self._publish([payload["post_id"]])
        self._repository.done(job.id)

    def _publish(self, post_ids: Sequence[int]) -> None:
        """Publishes posts, unless they are deleted: that may happen meanwhile, as a change of name may, and the index
        forgets a deletion before it is through here if this process was halted for a while."""
        published: Mapping[int, Post] = {}
        while (posts := self._repository.posts(post_ids)) != published:
            for post in posts.values():
                if published.get(post.id) != post:
                    self._index.publish(post)
            published = posts
        if gone := [post_id for post_id in post_ids if post_id not in published]:
            self._index.withdraw(gone)

    def _unindex_posts(self, job: Job, payload: Mapping[str, Any]) -> None:
        self._index.withdraw(payload["post_ids"])
        self._repository.done(job.id)

    def _chunk_of(self, payload: Mapping[str, Any]) -> Audience:
        return self._repository.audience(
            payload["user_id"], 0, payload.get("after", 0), self._chunk, all_followers=True
        )

    def _is_last(self, audience: Audience) -> bool:
        return len(audience.followers) < self._chunk

    def _next(self, job: Job, audience: Audience) -> None:
        self._go_on(job, None if self._is_last(audience) else audience.followers[-1][0])

    def _go_on(self, job: Job, after: int | None) -> None:
        """The job is done up to that id; with None it is done."""
        if after is None:
            return self._repository.done(job.id)
        self._repository.progress(job, after)
        return self._send(Job(job.id, job.task, {**job.payload, "after": after}))


def _lists(audience: Audience) -> Sequence[tuple[str, int]]:
    return [(timeline_key(user_id), version) for user_id, version in audience.followers]


def _still(author: Author | None, payload: Mapping[str, Any], influencer: bool) -> bool:
    """If the promotion or demotion that a job belongs to is the last one."""
    return author is not None and author.influencer is influencer and author.influence == payload["influence"]
