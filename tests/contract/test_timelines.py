"""What the timelines' cache does: the same suite for Redis and for its in-memory twin."""

import itertools
import time
import uuid
from dataclasses import dataclass

import pytest

from riverline.feed.body import GONE
from riverline.feed.contracts import Begun, Cache, CacheMiss, Snapshot
from riverline.feed.keys import timeline_key
from riverline.feed.window import TimelineWindow
from riverline.testing.memory_timelines import MemoryTimelines

MOST = 5
_users = itertools.count(int(time.time() * 1000) % 10**9 * 1000)


@dataclass
class Subject:
    """A cache whose lists hold five entries, as two processes have it, and a user of its own."""

    cache: Cache
    beside: Cache
    user: int

    @property
    def key(self) -> str:
        return timeline_key(self.user)

    def build(self, *ids: int, version: int = 1, floor: int = 0, pulled: tuple[int, ...] = ()) -> None:
        token = uuid.uuid4().hex
        assert self.cache.begin(self.key, token) is Begun.BUILD
        assert self.cache.finish(self.key, token, Snapshot(version, ids, floor, pulled))

    def push(self, *ids: int, version: int = 1) -> None:
        for post_id in ids:
            self.cache.push(post_id, [(self.key, version)])

    def read(self, before: int = 0, count: int = 10) -> TimelineWindow | CacheMiss:
        return self.cache.read([self.key], before, count)[0]

    def ids(self) -> list[int]:
        return list(self.read().ids)


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.integration)])
def subject(request) -> Subject:
    user = next(_users)
    if request.param == "memory":
        cache = MemoryTimelines(MOST)
        return Subject(cache, cache, user)
    from riverline.adapters.redis.cluster import RedisCluster
    from riverline.adapters.redis.timelines import RedisTimelines

    cluster = RedisCluster(request.getfixturevalue("stack").redis, timeout=2)
    request.addfinalizer(cluster.close)
    return Subject(RedisTimelines(cluster, MOST), RedisTimelines(cluster, MOST), user)


def test_a_list_nobody_built_is_absent(subject):
    assert subject.read() is CacheMiss.ABSENT


def test_a_push_makes_no_list(subject):
    subject.push(1)
    assert subject.read() is CacheMiss.ABSENT


def test_a_built_list_is_read_newest_first(subject):
    subject.build(9, 7, 3)
    assert subject.read() == TimelineWindow([9, 7, 3])


def test_an_empty_list_is_kept_too(subject):
    subject.build()
    assert subject.read() == TimelineWindow([])


def test_a_read_says_how_far_down_it_knows(subject):
    subject.build(9, 7, 3, floor=2)
    assert subject.read(count=2) == TimelineWindow([9, 7], 7)
    assert subject.read(count=10) == TimelineWindow([9, 7, 3], 3)


def test_a_read_goes_on_below_the_last_page(subject):
    subject.build(9, 7, 3)
    assert subject.read(before=9, count=1) == TimelineWindow([7], 7)
    assert subject.read(before=8) == TimelineWindow([7, 3])


def test_many_lists_are_read_at_once(subject):
    subject.build(1)
    absent = timeline_key(next(_users))
    assert subject.cache.read([subject.key, absent], 0, 5) == [TimelineWindow([1]), CacheMiss.ABSENT]


def test_a_push_comes_first(subject):
    subject.build(3)
    subject.push(5)
    assert subject.ids() == [5, 3]


def test_a_push_to_an_empty_list_is_kept(subject):
    subject.build()
    subject.push(5)
    assert subject.ids() == [5]


def test_a_push_that_comes_late_finds_its_place(subject):
    subject.build(9, 7, 3)
    subject.push(5, 8, 1)
    assert subject.ids() == [9, 8, 7, 5, 3]


def test_a_push_that_comes_twice_counts_once(subject):
    subject.build(9, 7)
    subject.push(8, 8, 9, 7, 10, 10)
    assert subject.ids() == [10, 9, 8, 7]


def test_a_full_list_drops_its_oldest_and_raises_its_floor(subject):
    subject.build(5, 4, 3, 2, 1)
    subject.push(6)
    assert subject.read() == TimelineWindow([6, 5, 4, 3, 2], 2)


def test_a_push_below_the_floor_is_not_kept(subject):
    subject.build(9, 7, floor=6)
    subject.push(5, 6)
    assert subject.read() == TimelineWindow([9, 7], 7)


def test_a_push_of_an_older_version_is_refused(subject):
    subject.build(3, version=2)
    subject.push(5, version=1)
    assert subject.ids() == [3]


def test_a_push_of_a_newer_version_drops_the_list(subject):
    subject.build(3, version=2)
    subject.push(5, version=3)
    assert subject.read() is CacheMiss.ABSENT


def test_a_removed_post_is_gone(subject):
    subject.build(9, 7, 3)
    subject.cache.remove(7, [subject.key])
    subject.cache.remove(8, [subject.key])
    assert subject.ids() == [9, 3]


def test_only_one_builds(subject):
    assert subject.cache.begin(subject.key, "one") is Begun.BUILD
    assert subject.cache.begin(subject.key, "other") is Begun.BUILDING
    assert subject.read() is CacheMiss.BUILDING
    assert not subject.cache.finish(subject.key, "other", Snapshot(1, [1]))
    assert subject.cache.finish(subject.key, "one", Snapshot(1, [1]))
    assert subject.cache.begin(subject.key, "third") is Begun.THERE


def test_a_build_that_came_to_nothing_is_dropped_by_its_builder_alone(subject):
    subject.cache.begin(subject.key, "t")
    subject.cache.abandon(subject.key, "other")
    assert subject.read() is CacheMiss.BUILDING
    subject.cache.abandon(subject.key, "t")
    assert subject.read() is CacheMiss.ABSENT


def test_a_dropped_list_is_absent(subject):
    subject.build(1)
    subject.cache.drop([subject.key])
    assert subject.read() is CacheMiss.ABSENT


def test_a_push_that_crosses_a_build_is_not_lost(subject):
    subject.cache.begin(subject.key, "t")
    subject.push(4)
    subject.cache.finish(subject.key, "t", Snapshot(1, [5, 3]))
    assert subject.ids() == [5, 4, 3]


def test_a_push_that_the_build_saw_too_is_there_once(subject):
    subject.cache.begin(subject.key, "t")
    subject.push(5, 5)
    subject.cache.finish(subject.key, "t", Snapshot(1, [5, 3]))
    assert subject.ids() == [5, 3]


def test_a_removal_that_crosses_a_build_is_not_lost(subject):
    subject.cache.begin(subject.key, "t")
    subject.push(4)
    subject.cache.remove(4, [subject.key])
    subject.cache.remove(3, [subject.key])
    subject.cache.finish(subject.key, "t", Snapshot(1, [5, 3]))
    assert subject.ids() == [5]


def test_a_push_of_an_older_version_that_crosses_a_build_is_left_out(subject):
    subject.cache.begin(subject.key, "t")
    subject.push(4, version=1)
    subject.cache.finish(subject.key, "t", Snapshot(2, [5, 3]))
    assert subject.ids() == [5, 3]


def test_a_build_that_a_newer_version_crosses_is_dropped(subject):
    subject.cache.begin(subject.key, "t")
    subject.push(4, version=3)
    assert not subject.cache.finish(subject.key, "t", Snapshot(2, [5, 3]))
    assert subject.read() is CacheMiss.ABSENT


def test_a_build_that_grows_too_long_keeps_the_newest(subject):
    subject.cache.begin(subject.key, "t")
    subject.push(7, 6)
    subject.cache.finish(subject.key, "t", Snapshot(1, [5, 4, 3, 2, 1]))
    assert subject.read() == TimelineWindow([7, 6, 5, 4, 3], 3)


def test_a_push_below_the_floor_of_a_build_is_left_out(subject):
    subject.cache.begin(subject.key, "t")
    subject.push(2)
    subject.cache.finish(subject.key, "t", Snapshot(1, [5, 4], floor=3))
    assert subject.ids() == [5, 4]


def test_a_list_knows_whom_it_pulls(subject):
    subject.build(3, pulled=(70, 7))
    assert subject.read().pulled == (70, 7)


def test_an_author_is_pulled_from_now_on_and_once(subject):
    subject.build(3, pulled=(71,))
    for _ in range(2):
        subject.cache.pull(7, [(subject.key, 1)])
    assert subject.read().pulled == (71, 7)


def test_an_announcement_that_crosses_a_build_is_not_lost(subject):
    subject.cache.begin(subject.key, "t")
    subject.cache.pull(7, [(subject.key, 1)])
    subject.cache.finish(subject.key, "t", Snapshot(1, [3]))
    assert subject.read().pulled == (7,)


def test_an_announcement_of_an_older_version_is_refused_and_of_a_newer_drops(subject):
    subject.build(3, version=2)
    subject.cache.pull(7, [(subject.key, 1)])
    assert subject.read().pulled == ()
    subject.cache.pull(7, [(subject.key, 3)])
    assert subject.read() is CacheMiss.ABSENT


def test_only_lists_that_pull_an_author_are_dropped_when_that_ends(subject):
    subject.build(3, pulled=(71,))
    subject.cache.unpull(7, [subject.key])
    assert subject.ids() == [3]
    subject.cache.unpull(71, [subject.key])
    assert subject.read() is CacheMiss.ABSENT


def test_the_end_of_pulling_drops_a_build(subject):
    subject.cache.begin(subject.key, "t")
    subject.cache.unpull(7, [subject.key])
    assert not subject.cache.finish(subject.key, "t", Snapshot(1, [3]))


def test_a_refresh_drops_older_lists_and_builds_alone(subject):
    subject.build(3, version=2)
    subject.cache.refresh(subject.user, 2)
    assert subject.ids() == [3]
    subject.cache.refresh(subject.user, 3)
    assert subject.read() is CacheMiss.ABSENT
    subject.cache.begin(subject.key, "t")
    subject.cache.refresh(subject.user, 3)
    assert not subject.cache.finish(subject.key, "t", Snapshot(3, [3]))


def test_a_list_that_was_trimmed_still_knows_whom_it_pulls(subject):
    subject.build(5, 4, 3, 2, 1, pulled=(7,))
    subject.push(6)
    assert subject.read().pulled == (7,)


def test_bodies_are_kept_and_what_is_gone_stays_gone(subject):
    one, other = next(_users), next(_users)
    assert subject.cache.bodies([one, other]) == [None, None]
    subject.cache.claim([one, other], "t")
    assert subject.cache.bodies([one, other]) == [None, None]
    subject.cache.bury([other])
    subject.cache.remember({one: b"{}", other: b"late"}, "t")
    subject.cache.remember({one: b"new"}, "t")
    assert subject.cache.bodies([one, other]) == [b"{}", GONE]


def test_a_body_that_one_process_has_read_is_gone_when_another_has_buried_it(subject):
    post = next(_users)
    subject.build(post)
    for cache in (subject.cache, subject.beside):
        cache.claim([post], "t")
        cache.remember({post: b"{}"}, "t")
        assert cache.read([subject.key], 0, 1)[0].ids == [post]
        assert cache.bodies([post]) == [b"{}"]
    subject.beside.bury([post])
    for cache in (subject.cache, subject.beside):
        assert cache.read([subject.key], 0, 1)[0].ids == [post]
        assert cache.bodies([post]) == [GONE]


def test_a_body_that_is_forgotten_is_fetched_again_by_every_process(subject):
    post = next(_users)
    subject.build(post)
    for cache in (subject.cache, subject.beside):
        cache.claim([post], "t")
        cache.remember({post: b"old"}, "t")
        assert cache.read([subject.key], 0, 1)[0].ids == [post]
        assert cache.bodies([post]) == [b"old"]
    subject.beside.forget([post])
    for cache in (subject.cache, subject.beside):
        assert cache.read([subject.key], 0, 1)[0].ids == [post]
        assert cache.bodies([post]) == [None]
    subject.cache.claim([post], "t")
    subject.cache.remember({post: b"new"}, "t")
    assert subject.beside.bodies([post]) == [b"new"]


def test_a_body_that_is_forgotten_while_it_is_fetched_is_not_kept(subject):
    post = next(_users)
    subject.cache.claim([post], "t")
    subject.beside.forget([post])
    subject.cache.remember({post: b"old"}, "t")
    assert subject.cache.bodies([post]) == [None]


def test_a_body_is_kept_by_its_first_claimant_alone(subject):
    post = next(_users)
    subject.cache.remember({post: b"unclaimed"}, "t")
    assert subject.cache.bodies([post]) == [None]
    subject.cache.claim([post], "first")
    subject.cache.claim([post], "second")
    subject.cache.remember({post: b"second"}, "second")
    assert subject.cache.bodies([post]) == [None]
    subject.cache.remember({post: b"first"}, "first")
    assert subject.cache.bodies([post]) == [b"first"]


@pytest.mark.integration
def test_a_list_lives_two_weeks_from_its_last_reading(stack):
    from riverline.adapters.redis.cluster import RedisCluster
    from riverline.adapters.redis.timelines import TTL_SECONDS, RedisTimelines

    cluster = RedisCluster(stack.redis, timeout=2)
    subject = Subject(RedisTimelines(cluster, MOST), RedisTimelines(cluster, MOST), next(_users))
    subject.build(3, 2, 1)
    for left in (100, TTL_SECONDS - 120):
        cluster.replies([(subject.key, ("EXPIRE", subject.key, left))])
        assert subject.ids() == [3, 2, 1]
        [after] = cluster.replies([(subject.key, ("TTL", subject.key))])
        assert TTL_SECONDS - 60 <= after <= TTL_SECONDS
    cluster.close()
