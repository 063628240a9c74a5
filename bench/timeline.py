"""How fast timelines are read and written, against the query, raw Redis and hello world in the same run.

    riverline load-demo --users 20000 --posts 500000 --followings 200
    python -m bench.timeline [--part reads|fan-out|memory|latency|search|http]...

The servers of the settings must run; `latency` and `search` need a Celery worker too, `http` starts gunicorn and nginx
of its own. The query that `reads` compares with is the specification's, word for word (`query`) and as a join (`join`),
with the keys of the tables: MySQL answers the first by walking down the key of `created_at` until it has 20 posts of
the followed, which is quick where they write much and slow where they do not; the second gathers all and sorts them.

What is compared takes turns, so that a busy machine slows down both; read the ratios rather than the seconds. Users
that are added for it are deleted at the end.
"""

from __future__ import annotations

import argparse
import math
import random
import statistics
import subprocess
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial

from sqlalchemy import text

from bench.http_load import BARE, HELLO, OURS, compared
from riverline.accounts.tokens import digest_of, new_token
from riverline.adapters.mysql.tokens import MysqlTokens
from riverline.adapters.redis.cluster import RedisCluster, slot_of
from riverline.adapters.redis.function_library import FunctionLibrary
from riverline.feed.contracts import Job, Snapshot
from riverline.feed.jobs import JobRunner
from riverline.feed.keys import post_key, timeline_key
from riverline.feed.window import TimelineWindow
from riverline.search.contracts import Index
from riverline.search.query import Query
from riverline.services import assemble
from riverline.settings import Settings

PARTS = ("reads", "fan-out", "memory", "latency", "search", "http")
FOLLOWINGS, INFLUENCERS = (10, 200, 2000), (0, 5, 50)
LIMIT = 20
HEADER = (
    "followings influencers |    cached p50 p99 |         raw Redis |             query |              join "
    "| query/cached join/cached"
)
SPECIFIED = """SELECT * FROM post WHERE user_id IN (SELECT user_id FROM follower WHERE follower_user_id = :user)
    OR user_id = :user ORDER BY created_at DESC LIMIT 20"""
JOINED = """SELECT p.* FROM post p JOIN (
    SELECT user_id FROM follower WHERE follower_user_id = :user UNION ALL SELECT :user
) a ON a.user_id = p.user_id ORDER BY p.created_at DESC LIMIT 20"""


class Bench:
    """The stores, and users of the bench's own."""

    def __init__(self, settings: Settings) -> None:
        services = assemble(settings)
        self.settings, self.mysql, self.feed = settings, services.mysql, services.feed
        self.cluster = RedisCluster(settings.redis, timeout=5)
        self.chance = random.Random(7)
        self.jobs: list[Job] = []
        self.writer = self.feed.writer(self.jobs.append)
        self.made: list[int] = []

    def user(self) -> int:
        made = self.writer.create_user(f"{uuid.uuid4().hex}@bench.example", "Bench").id
        self.made.append(made)
        return made

    def authors(self, count: int) -> list[int]:
        """Some users of the demo network who have written, by chance."""
        newest = self.made[0] if self.made else self.feed.repository.newest_user()
        with self.mysql.reading(fresh=True) as connection:
            found = connection.execute(text("SELECT DISTINCT user_id FROM post WHERE user_id < :n"), {"n": newest})
            return self.chance.sample(sorted(found.scalars()), count)

    def follow(self, user: int, others: Sequence[int]) -> None:
        """Without the jobs: nothing of this user is cached yet."""
        rows = [{"other": other, "user": user} for other in others]
        with self.mysql.writing() as connection:
            connection.execute(text("INSERT INTO follower (user_id, follower_user_id) VALUES (:other, :user)"), rows)

    def deliver(self) -> None:
        """Does the jobs that were sent, here."""
        delivery = JobRunner(self.feed.repository, self.feed.cache, _NoIndex(), self.jobs.append)
        while self.jobs:
            delivery.run(self.jobs.pop(0))

    def clean(self) -> None:
        for user in reversed(self.made):
            self.writer.delete_user(user)
        self.deliver()


class _NoIndex:
    def publish(self, post: object) -> None: ...

    def withdraw(self, post_ids: object) -> None: ...


@contextmanager
def bench(settings: Settings) -> Iterator[Bench]:
    made = Bench(settings)
    try:
        yield made
    finally:
        made.clean()


def timed(work: Callable[[], object]) -> float:
    """Milliseconds."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def shown(times: Sequence[float]) -> str:
    ordered = sorted(times)
    return f"{statistics.median(ordered):8.2f} {ordered[math.ceil(len(ordered) * 0.99) - 1]:8.2f}"


def reads(settings: Settings) -> None:
    """Reads of 20 posts: ours, the specification's query in two forms, and bare commands to Redis."""
    print(HEADER)
    with bench(settings) as made:
        stars = made.authors(max(INFLUENCERS))
        for star in stars:
            made.writer.set_influencer(star, True)
        made.deliver()
        try:
            ordinary = [one for one in made.authors(5000) if one not in stars]
            for followings in FOLLOWINGS:
                for influencers in (n for n in INFLUENCERS if n <= followings):
                    chosen = stars[:influencers] + made.chance.sample(ordinary, followings - influencers)
                    _reads_of(made, followings, influencers, chosen)
        finally:
            for star in stars:
                made.writer.set_influencer(star, False)
            made.deliver()


def _reads_of(made: Bench, followings: int, influencers: int, chosen: Sequence[int]) -> None:
    users = [made.user() for _ in range(5)]
    for user in users:
        made.follow(user, chosen)
        made.feed.reader.read(user, LIMIT)
        page = made.feed.reader.read(user, LIMIT)
        assert page.cached, "not cached"
        assert [one.id for one in page.entries] == [one.id for one in made.feed.reader.uncached(user, LIMIT).entries]
    cached, raw, specified, joined = [], [], [], []
    for turn in range(200):
        user = users[turn % len(users)]
        cached.append(timed(partial(made.feed.reader.read, user, LIMIT)))
        raw.append(timed(partial(_raw, made, user)))
        if turn % 4 == 0:
            specified.append(timed(partial(_query, made, SPECIFIED, user)))
            joined.append(timed(partial(_query, made, JOINED, user)))
    ratios = [statistics.median(times) / statistics.median(cached) for times in (specified, joined)]
    columns = " | ".join(map(shown, (cached, raw, specified, joined)))
    print(f"{followings:10} {influencers:11} | {columns} | {ratios[0]:12.1f} {ratios[1]:11.1f}", flush=True)


def _raw(made: Bench, user: int) -> None:
    key = timeline_key(user)
    [ids] = made.cluster.replies([(key, ("LRANGE", key, 0, LIMIT - 1))])
    keys = [post_key(int(one)) for one in ids if one.isdigit()]
    made.cluster.replies([(key, ("GET", key)) for key in keys])


def _query(made: Bench, query: str, user: int) -> None:
    with made.mysql.reading(fresh=True) as connection:
        connection.execute(text(query), {"user": user}).all()


def fan_out(settings: Settings) -> None:
    """Pushes to 10 000 lists: ours over the cluster, and redis-benchmark with the same function on one node."""
    cluster = RedisCluster(settings.redis, timeout=10)
    library = FunctionLibrary(cluster, "timeline")
    library.results([library.call("read", "USER_0_POSTS", 0, 1, 60)])
    ours, theirs = [], []
    for _ in range(3):
        ours.append(_ours(cluster, library))
        theirs.append(_benchmarked(cluster, library))
    print(f"ours           {max(ours):10.0f} pushes/s over {len(cluster.masters())} nodes, one client process")
    print(f"redis-benchmark{max(theirs):10.0f} pushes/s, -P 100, one node")
    print(f"ratio          {max(ours) / max(theirs):10.2f}")


def _fresh(cluster: RedisCluster, library: FunctionLibrary, keys: Sequence[str]) -> None:
    cluster.replies([(key, ("UNLINK", key)) for key in keys])
    library.results([library.call("begin", key, "t", 60_000) for key in keys])
    library.results([library.call("finish", key, "t", 1, 0, 600, 800, "") for key in keys])


def _ours(cluster: RedisCluster, library: FunctionLibrary, lists: int = 10_000) -> float:
    keys = [f"USER_{number}_POSTS" for number in range(10**9, 10**9 + lists)]
    _fresh(cluster, library, keys)
    started = time.perf_counter()
    for post_id in range(1, 6):
        for first in range(0, lists, 1000):
            calls = [library.call("push", key, post_id, 1, 800) for key in keys[first : first + 1000]]
            assert b"pushed" in library.results(calls)
    rate = 5 * lists / (time.perf_counter() - started)
    cluster.replies([(key, ("UNLINK", key)) for key in keys])
    return rate


def _benchmarked(cluster: RedisCluster, library: FunctionLibrary, lists: int = 10_000) -> float:
    """On keys of one slot: redis-benchmark puts random numbers into them, but does not follow slots."""
    tag = next(tag for tag in map(str, range(10_000)) if cluster.node_of(f"{{{tag}}}") is cluster.masters()[0])
    keys = [f"{{{tag}}}USER_{number:012}_POSTS" for number in range(lists)]
    assert len({slot_of(key) for key in keys}) == 1
    _fresh(cluster, library, keys)
    host, port = cluster.masters()[0].address.split(":")
    key = f"{{{tag}}}USER___rand_int___POSTS"
    _, call = library.call("push", key, "1", 1, 800)
    command = [
        "redis-benchmark",
        "-h",
        host,
        "-p",
        port,
        "-P",
        "100",
        "-c",
        "1",
        "-n",
        "50000",
        "-r",
        str(lists),
        "--csv",
    ]
    run = subprocess.run([*command, *map(str, call)], capture_output=True, text=True, check=True)
    cluster.replies([(key, ("UNLINK", key)) for key in keys])
    return float(run.stdout.strip().splitlines()[-1].split('","')[1].strip('"'))


def memory(settings: Settings) -> None:
    """Bytes of a cached timeline of 800 entries, built at once and pushed one by one."""
    services = assemble(settings)
    cluster, feed = services.redis, services.feed
    key = timeline_key(10**9)
    newest = 2**31 - 1  # the largest ids that take four bytes
    for name, ids in (("built", range(newest, newest - 800, -1)), ("pushed", ())):
        cluster.replies([(key, ("UNLINK", key))])
        feed.cache.begin(key, "t")
        feed.cache.finish(key, "t", Snapshot(1, list(ids), 0, tuple(range(1, 6))))
        for post_id in range(newest - 800, newest + 1) if not ids else ():
            feed.cache.push(post_id, [(key, 1)])
        [[size, length]] = [cluster.replies([(key, ("MEMORY", "USAGE", key)), (key, ("LLEN", key))])]
        print(f"{name:7} {length - 1} entries: {size} bytes")
    cluster.replies([(key, ("UNLINK", key))])


def latency(settings: Settings) -> None:
    """From a post to the timelines of 1 000 followers, through MySQL, Celery and the cluster."""
    from riverline_tasks.sender import Sender, celery_deliver

    dropped: list[str] = []
    sender = Sender(celery_deliver(), dropped.append)
    with bench(settings) as made:
        author = made.user()
        fans = [made.user() for _ in range(1000)]
        for fan in fans:
            made.follow(fan, [author])
            made.feed.reader.read(fan, 1)
        writer = made.feed.writer(lambda job: sender("tasks.deliver", job.id, job.task, dict(job.payload)))
        keys = [timeline_key(fan) for fan in fans]
        times = [_arrival(made, lambda: writer.post(author, "Hello", (), "en").id, keys) for _ in range(100)]
    assert not dropped, "tasks were not sent"
    print(f"post to all of 1 000 timelines, ms p50 p99: {shown(times)}")


def _arrival(made: Bench, post: Callable[[], int], keys: Sequence[str]) -> float:
    """Milliseconds until the last of each node's lists, in the order of pushing, has it: then all of them do."""
    last = list({id(made.cluster.node_of(key)): key for key in keys}.values())
    started = time.perf_counter()
    post_id = post()
    while time.perf_counter() - started < 10:
        if _holds(made, last, post_id):
            break
        time.sleep(0.001)
    passed = (time.perf_counter() - started) * 1000
    assert _holds(made, keys, post_id), "not in all of them"
    return passed


def _holds(made: Bench, keys: Sequence[str], post_id: int) -> bool:
    """Whether each of the lists has the post, and begins with it."""
    windows = made.feed.cache.read(keys, 0, 1)
    return all(isinstance(window, TimelineWindow) and list(window.ids) == [post_id] for window in windows)


def search(settings: Settings) -> None:
    """From a post until it is found, and from its deletion until it is not, through MySQL, Celery and the index."""
    from riverline_tasks.sender import Sender, celery_deliver

    index, dropped = assemble(settings).index, list[str]()
    sender = Sender(celery_deliver(), dropped.append)
    found, gone = [], []
    with bench(settings) as made:
        author = made.user()
        writer = made.feed.writer(lambda job: sender("tasks.deliver", job.id, job.task, dict(job.payload)))
        for _ in range(50):
            tag = f"bench{uuid.uuid4().hex[:12]}"
            wanted = Query("", tag=tag, limit=1, facets=False)
            started = time.perf_counter()
            post = writer.post(author, "Hello", (tag,), "en")
            found.append(_until(partial(_finds, index, wanted, 1), started))
            started = time.perf_counter()
            writer.delete_post(post.id)
            gone.append(_until(partial(_finds, index, wanted, 0), started))
    assert not dropped, "tasks were not sent"
    print(f"post to its being found, ms p50 p99:        {shown(found)}")
    print(f"deletion to its not being found, ms p50 p99:{shown(gone)}")


def _finds(index: Index, wanted: Query, count: int) -> bool:
    return index.search(wanted, 0).total == count


def _until(holds: Callable[[], bool], started: float) -> float:
    """Milliseconds until it holds. Raises AssertionError after a minute."""
    while not holds():
        assert time.perf_counter() - started < 60, "it does not come true"
        time.sleep(0.02)
    return (time.perf_counter() - started) * 1000


def http(settings: Settings) -> None:
    """Requests a second through nginx and gunicorn: a timeline of 20 posts, against hello world."""
    with bench(settings) as made:
        user = made.user()
        made.follow(user, made.authors(200))
        made.feed.reader.read(user, LIMIT)
        secret = new_token()
        MysqlTokens(made.mysql).add(digest_of(secret), user, (), "bench", None)
        rates = compared(settings, f"/api/v1/posts?user_id={user}&limit={LIMIT}", secret)
    for name, rate in rates.items():
        print(f"{name:12} {rate:8.0f} requests/s")
    for name in (HELLO, BARE):
        print(f"of {name:12} {rates[OURS] / rates[name]:5.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", action="append", choices=PARTS)
    wanted = parser.parse_args().part or PARTS
    settings = Settings.load()
    for name in wanted:
        print(f"== {name}", flush=True)
        globals()[name.replace("-", "_")](settings)


if __name__ == "__main__":
    main()
