"""What timelines need from the stores: the repository (MySQL), which is right by definition; the cache (Redis),
which may forget anything at any time but must not say what is wrong; and a way to send jobs.

All raise Transient when a server is away. Everything here can be repeated.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, Protocol

from riverline.feed.window import TimelineWindow
from riverline.model import Post, User


@dataclass(frozen=True, slots=True)
class Job:
    """A row of the outbox: something that is to be done after a change, kept until it has been."""

    id: int
    task: str
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Parked:
    """A job that is not sent again by itself: it failed `failures` times by its own fault, the last time with `error`.
    Times are ms since 1970."""

    job: Job
    failures: int
    error: str
    created_at: int
    parked_at: int


MOST_FAILURES = 8  # of a job, by its own fault, before it is parked: a quarter of an hour, with the pauses between them
INDEXING = ("index_post", "unindex_posts")  # jobs that no timeline waits for

Send = Callable[[Job], None]  # hands a job to the workers; returns at once and never raises: the outbox keeps the job


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A list as MySQL has it at one moment. `version` counts the changes of whom its user follows."""

    version: int
    ids: Sequence[int]  # the newest first, without those of the influencers that are pulled
    floor: int = 0  # the first id that found no more room; 0 when all did
    pulled: Sequence[int] = ()
    followings: Sequence[int] = ()


class CacheMiss(Enum):
    """What a read finds in the place of a list."""

    ABSENT = "absent"
    BUILDING = "building"


class Begun(Enum):
    """What becomes of an attempt to build a list."""

    BUILD = "build"  # it is up to the caller
    BUILDING = "building"
    THERE = "there"


class Cache(Protocol):
    """Lists of ids and bodies of posts. A list is there, is being built, or is absent; writes touch no absent list.

    A write that carries another version than the list's is refused when it knows less than the list, and drops the list
    when it knows more.
    """

    def read(self, keys: Sequence[str], before: int, count: int) -> list[TimelineWindow | CacheMiss]:
        """The first `count` ids below `before` (0: the newest) of each list, which lives two weeks longer."""

    def begin(self, key: str, token: str) -> Begun:
        """Plants a list that is being built; pushes and removals are noted in it from now on. It lasts 5 s."""

    def finish(self, key: str, token: str, built: Snapshot) -> bool:
        """Puts the snapshot and what was noted since in its place. False when the build was dropped meanwhile."""

    def abandon(self, key: str, token: str) -> None:
        """Drops a build that came to nothing."""

    def drop(self, keys: Sequence[str]) -> None:
        """Forgets lists, whatever state they are in."""

    def push(self, post_id: int, lists: Sequence[tuple[str, int]]) -> None:
        """Adds a post to those lists `(key, version)` that are there."""

    def remove(self, post_id: int, keys: Sequence[str]) -> None:
        """Takes a post out of lists."""

    def pull(self, author: int, lists: Sequence[tuple[str, int]]) -> None:
        """Lets lists pull an author's posts."""

    def unpull(self, author: int, keys: Sequence[str]) -> None:
        """Drops the lists that pull an author's posts."""

    def refresh(self, user_id: int, version: int) -> None:
        """Drops the user's timeline, unless it is of that version or a later one."""

    def bodies(self, post_ids: Sequence[int]) -> list[bytes | None]:
        """The posts' bodies: None where the cache holds nothing, GONE where a deletion was noted."""

    def claim(self, post_ids: Sequence[int], token: str) -> None:
        """Announces that bodies which are not there will be looked for and remembered, within 5 s."""

    def remember(self, bodies: Mapping[int, bytes], token: str) -> None:
        """Keeps bodies for two weeks, those that were claimed and whose posts were not buried since."""

    def bury(self, post_ids: Sequence[int]) -> None:
        """Notes that posts are gone, on a replica too where there is one."""

    def forget(self, post_ids: Sequence[int]) -> None:
        """Drops bodies and claims, those that processes hold too: what was fetched before is remembered no more."""

    def keep_followings(self, user_id: int, followings: Sequence[int], influencers: Sequence[int]) -> None:
        """Keeps whom the user follows, for those who like to know; no timeline depends on it."""


class Searchable(Protocol):
    """Posts in the search index."""

    def publish(self, post: Post) -> None:
        """Raises Invalid when the index will never take the post."""

    def withdraw(self, post_ids: Sequence[int]) -> None:
        """Removes posts permanently: an earlier `publish` that arrives late changes nothing."""


@dataclass(frozen=True, slots=True)
class Posted:
    post: Post
    version: int  # of whom the author follows
    jobs: Sequence[Job]


@dataclass(frozen=True, slots=True)
class Changed:
    """A change, if there was one, and the jobs that follow from it. `version`: of whom the user follows now."""

    changed: bool
    version: int = 0
    jobs: Sequence[Job] = ()


@dataclass(frozen=True, slots=True)
class Deleted:
    """Posts that are gone, and whose they were."""

    user_id: int
    post_ids: Sequence[int]
    jobs: Sequence[Job] = ()


@dataclass(frozen=True, slots=True)
class Author:
    """How an author's posts travel. `influence` counts promotions and demotions."""

    version: int
    influencer: bool
    announced: bool  # every timeline of a follower knows that it pulls
    influence: int


@dataclass(frozen=True, slots=True)
class Audience:
    """A chunk of an author's followers, `(user_id, version)` by ascending id, as of one moment."""

    author: Author | None  # None: the author is gone
    exists: bool  # the post, where one was asked for
    followers: Sequence[tuple[int, int]] = ()


MOST_COUNTED = 10_000  # of what a profile counts: who has more has "10,000 or more"


@dataclass(frozen=True, slots=True)
class ProfileCounts:
    """How many, up to MOST_COUNTED each."""

    followers: int
    followings: int
    posts: int


class FeedRepository(Protocol):
    """Users, who follows whom, posts and the outbox. Each method is one transaction."""

    def create_user(self, email: str, name: str) -> User:
        """Raises Conflict when the e-mail address is taken."""

    def user(self, user_id: int, fresh: bool = False) -> User:
        """Perhaps a moment old, unless it must be fresh. Raises NotFound."""

    def rename(self, user_id: int, name: str) -> Changed:
        """Gives the user, and all the user's posts, another name. Raises NotFound."""

    def user_by_email(self, email: str) -> User | None:
        """As of now, whatever the letter case."""

    def change_email(self, user_id: int, email: str) -> User:
        """Raises NotFound, and Conflict when the e-mail address is taken."""

    def delete_user(self, user_id: int) -> Deleted:
        """The user with all posts and followings. Raises NotFound."""

    def follow(self, follower: int, followed: int) -> Changed:
        """Raises NotFound when one of them does not exist."""

    def unfollow(self, follower: int, followed: int) -> Changed: ...

    def set_influencer(self, user_id: int, influencer: bool) -> Changed:
        """By hand: the number of followers does not change it any more. Raises NotFound."""

    def weigh(self, user_id: int) -> Changed:
        """Makes the user an influencer, or ends it, by the number of followers."""

    def announced(self, user_id: int, influence: int) -> None:
        """Notes that all followers' timelines pull the author's posts, if no promotion or demotion came after."""

    def follows(self, user_id: int, followed: bool, after: int, limit: int) -> list[tuple[int, User]]:
        """Followings (`followed`) or followers, the newest first, with ids of the relation; those below `after`."""

    def counts(self, user_id: int) -> ProfileCounts:
        """Of a user's profile; all 0 for who is none."""

    def add_post(self, user_id: int, contents: str, tags: Sequence[str], locale: str) -> Posted:
        """Raises NotFound when there is no such user."""

    def delete_post(self, post_id: int) -> Deleted:
        """Raises NotFound."""

    def posts(self, post_ids: Sequence[int]) -> dict[int, Post]:
        """Those of the posts that exist."""

    def authored(self, user_id: int, before: int, limit: int) -> list[Post]:
        """A user's own posts, the newest first."""

    def page(self, user_id: int, before: int, limit: int) -> list[Post]:
        """The timeline itself, which all else must equal. Raises NotFound."""

    def snapshot(self, user_id: int, most: int) -> Snapshot:
        """A timeline as it is to be cached. Raises NotFound."""

    def authored_snapshot(self, user_id: int, most: int) -> Snapshot:
        """A user's own posts as they are to be cached, with version 0."""

    def audience(self, author: int, post_id: int, after: int, limit: int, all_followers: bool) -> Audience:
        """The next followers above the user id `after`. Without `all_followers`, none where nothing is pushed."""

    def progress(self, job: Job, after: int) -> None:
        """Notes how far a job has come, and that it lives."""

    def done(self, job_id: int) -> None:
        """Notes that a job is done."""

    def purge(self, limit: int = 5000) -> int:
        """Forgets jobs that were done long ago. Returns how many."""

    def newest_user(self) -> int:
        """The greatest id of a user; 0 without users."""

    def users(self, after: int, limit: int) -> list[int]:
        """Ids of users above `after`, ascending."""

    def people(self, name: str, before: int, limit: int) -> list[User]:
        """Users whose name, or a word of it, begins so, whatever the letter case; by descending id, from below
        `before`, or from the newest if that is 0. An empty name is the beginning of each."""

    def post(self, post_id: int) -> Post:
        """Raises NotFound."""

    def overdue(self, limit: int, waiting: float = 0.0) -> list[Job]:
        """Open jobs that nothing was heard of lately, though whatever was sent more than `waiting` seconds ago has left
        the queue; they are due again later. No two callers get the same one."""

    def late(self, seconds: int) -> bool:
        """Whether a job that timelines wait for has been open for longer. One that is parked is not waited for."""

    def depth(self) -> tuple[int, int]:
        """How many jobs are open and not parked, and for how many seconds the oldest has been."""

    def failed(self, job_id: int, error: str) -> bool:
        """Notes that a job failed by its own fault. Returns whether it is parked now: after MOST_FAILURES times without
        progress between them it is not sent again."""

    def parked(self, after: int, limit: int) -> list[Parked]:
        """Jobs that are parked, by ascending id, above the id `after`."""

    def unpark(self, job_ids: Sequence[int]) -> int:
        """Lets parked jobs be sent again, as if they were new. Returns how many of them there were."""


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One post of a page: its id and its body."""

    id: int
    body: bytes


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """A page of a timeline. `next`: where the following one begins, None at the end."""

    entries: Sequence[TimelineEntry] = field(default=())
    next: int | None = None
    cached: bool = True  # False: MySQL answered
