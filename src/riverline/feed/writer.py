"""Changes: each is committed in MySQL with the jobs that follow from it, then applied to the cache before the answer.

While the cache is away, the jobs apply it later.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sequence

from riverline.errors import Invalid, Transient
from riverline.feed.contracts import Cache, Changed, Deleted, FeedRepository, Job, Send
from riverline.feed.keys import all_keys, authored_key, timeline_key
from riverline.model import Post, User


class FeedWriter:
    """Thread-safe if its stores are."""

    def __init__(self, repository: FeedRepository, cache: Cache, send: Send) -> None:
        self._repository, self._cache, self._send = repository, cache, send

    def create_user(self, email: str, name: str) -> User:
        """Raises Conflict when the e-mail address is taken."""
        return self._repository.create_user(email, name)

    def post(self, user_id: int, contents: str, tags: Sequence[str], locale: str) -> Post:
        """The author, and the followers of an influencer, read it at once, others when it has been pushed.

        Raises NotFound."""
        posted = self._repository.add_post(user_id, contents, tags, locale)
        with _later():
            self._cache.push(posted.post.id, [(timeline_key(user_id), posted.version), (authored_key(user_id), 0)])
        self._send_all(posted.jobs)
        return posted.post

    def rename(self, user_id: int, name: str) -> bool:
        """If the name was another one. Posts that are cached or searched for bear the new one within seconds.

        Raises NotFound."""
        changed = self._repository.rename(user_id, name)
        self._send_all(changed.jobs)
        return changed.changed

    def delete_post(self, post_id: int) -> None:
        """Nobody reads it from now on. Raises NotFound."""
        self._gone(self._repository.delete_post(post_id))

    def delete_user(self, user_id: int) -> None:
        """The user, with all posts and followings, is gone. Raises NotFound."""
        deleted = self._repository.delete_user(user_id)
        with _later():
            self._cache.drop(all_keys(user_id))
        self._gone(deleted)

    def follow(self, follower: int, followed: int) -> bool:
        """If the follower did not follow that user before. Raises NotFound, and Invalid for oneself."""
        if follower == followed:
            raise Invalid("users cannot follow themselves", "self")
        return self._followings_changed(follower, self._repository.follow(follower, followed))

    def unfollow(self, follower: int, followed: int) -> bool:
        """If the follower followed that user before."""
        return self._followings_changed(follower, self._repository.unfollow(follower, followed))

    def set_influencer(self, user_id: int, influencer: bool) -> bool:
        """If the user was not so before. Raises NotFound."""
        changed = self._repository.set_influencer(user_id, influencer)
        self._send_all(changed.jobs)
        return changed.changed

    def _followings_changed(self, user_id: int, changed: Changed) -> bool:
        if changed.changed:
            with _later():
                self._cache.refresh(user_id, changed.version)
        self._send_all(changed.jobs)
        return changed.changed

    def _gone(self, deleted: Deleted) -> None:
        with _later():
            self._cache.bury(deleted.post_ids)
        self._send_all(deleted.jobs)

    def _send_all(self, jobs: Iterable[Job]) -> None:
        for job in jobs:
            self._send(job)


@contextlib.contextmanager
def _later() -> Iterator[None]:
    """While the cache is away nobody reads from it, and the jobs try again until it has heard."""
    with contextlib.suppress(Transient):
        yield
