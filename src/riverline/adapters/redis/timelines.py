"""The timelines' cache in Redis: `feed.contracts.Cache` by the functions of lua/timeline.lua."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from riverline.adapters.redis.cluster import RedisCluster, Result
from riverline.adapters.redis.connection import Command, Reply
from riverline.adapters.redis.function_library import FunctionLibrary
from riverline.errors import Transient
from riverline.feed.body import GONE
from riverline.feed.body_cache import BodyCache
from riverline.feed.contracts import Begun, CacheMiss, Snapshot
from riverline.feed.keys import followings_key, influencers_key, post_key, timeline_key
from riverline.feed.window import MOST_ENTRIES, TimelineWindow, window

TTL_SECONDS = 14 * 86_400
LEASE_MS = 5000  # of a build, and of a claim
CLAIM = b"?"  # in place of a body that is being fetched
REPLICATED_MS = 100  # a change of bodies waits that long for a replica to have noted it


class RedisTimelines:
    """Thread-safe. `dropped` is called with the number of lists dropped because they were older than a write."""

    def __init__(
        self,
        cluster: RedisCluster,
        most: int = MOST_ENTRIES,
        ttl_seconds: int = TTL_SECONDS,
        dropped: Callable[[int], None] = lambda count: None,
    ) -> None:
        self._cluster, self._most, self._ttl, self._dropped = cluster, most, ttl_seconds, dropped
        self._library, self._bodies = FunctionLibrary(cluster, "timeline"), BodyCache()

    def read(self, keys: Sequence[str], before: int, count: int) -> list[TimelineWindow | CacheMiss]:
        calls = [self._library.call("read", key, before, count, self._ttl) for key in keys]
        return [self._window(reply, count) for reply in _all(self._library.results(calls))]

    def begin(self, key: str, token: str) -> Begun:
        return Begun(self._call("begin", key, token, LEASE_MS).decode())

    def finish(self, key: str, token: str, built: Snapshot) -> bool:
        pulled = ",".join(map(str, built.pulled))
        head = (token, built.version, built.floor, self._ttl, self._most, pulled)
        return bool(self._call("finish", key, *head, *built.ids) == b"built")

    def abandon(self, key: str, token: str) -> None:
        self._call("abandon", key, token)

    def drop(self, keys: Sequence[str]) -> None:
        self._cluster.replies([(key, ("UNLINK", key)) for key in keys])

    def push(self, post_id: int, lists: Sequence[tuple[str, int]]) -> None:
        self._write([self._library.call("push", key, post_id, version, self._most) for key, version in lists])

    def remove(self, post_id: int, keys: Sequence[str]) -> None:
        self._write([self._library.call("remove", key, post_id) for key in keys])

    def pull(self, author: int, lists: Sequence[tuple[str, int]]) -> None:
        self._write([self._library.call("pull", key, author, version) for key, version in lists])

    def unpull(self, author: int, keys: Sequence[str]) -> None:
        self._write([self._library.call("unpull", key, author) for key in keys])

    def refresh(self, user_id: int, version: int) -> None:
        sets = [(key, ("UNLINK", key)) for key in (followings_key(user_id), influencers_key(user_id))]
        self._write([self._library.call("refresh", timeline_key(user_id), version), *sets])

    def bodies(self, post_ids: Sequence[int]) -> list[bytes | None]:
        held = self._bodies.held
        if missing := [post_id for post_id in post_ids if post_id not in held]:
            return self._fetched(post_ids, missing, held)
        return [held[post_id] for post_id in post_ids]

    def _fetched(self, post_ids: Sequence[int], missing: Sequence[int], held: dict[int, bytes]) -> list[bytes | None]:
        replies = self._cluster.replies([(key, ("GET", key)) for key in map(post_key, missing)])
        found: dict[int, bytes | None] = {}
        for post_id, written in zip(missing, replies, strict=True):
            found[post_id] = None if written and written.startswith(CLAIM) else written
            if body := found[post_id]:
                self._bodies.keep(held, post_id, body)
        return [found[post_id] if post_id in found else held[post_id] for post_id in post_ids]

    def claim(self, post_ids: Sequence[int], token: str) -> None:
        claim = CLAIM + token.encode()
        self._cluster.replies([(key, ("SET", key, claim, "NX", "PX", LEASE_MS)) for key in map(post_key, post_ids)])

    def remember(self, bodies: Mapping[int, bytes], token: str) -> None:
        keyed = ((post_key(post_id), written) for post_id, written in bodies.items())
        self._write([self._library.call("remember", key, token, written, self._ttl) for key, written in keyed])

    def bury(self, post_ids: Sequence[int]) -> None:
        self._change_bodies([(key, ("SET", key, GONE, "EX", self._ttl)) for key in map(post_key, post_ids)])

    def forget(self, post_ids: Sequence[int]) -> None:
        self._change_bodies([(key, ("UNLINK", key)) for key in map(post_key, post_ids)])

    def _change_bodies(self, commands: Sequence[tuple[str, Command]]) -> None:
        waits = [(key, ("WAIT", 1, REPLICATED_MS)) for key in self._one_a_node(key for key, _ in commands)]
        changed = self._cluster.results([*commands, *waits])
        # After the commands, and wherever they failed: from now on nobody trusts a body that was fetched before.
        told = self._library.everywhere("deleted")
        _all([*changed, *told])

    def keep_followings(self, user_id: int, followings: Sequence[int], influencers: Sequence[int]) -> None:
        commands: list[tuple[str, Command]] = []
        for key, members in ((followings_key(user_id), followings), (influencers_key(user_id), influencers)):
            commands.append((key, ("UNLINK", key)))
            if members:
                commands += [(key, ("SADD", key, *members)), (key, ("EXPIRE", key, self._ttl))]
        _all(self._cluster.results(commands))

    def _window(self, reply: Reply, count: int) -> TimelineWindow | CacheMiss:
        if reply is None:
            return CacheMiss.ABSENT
        if reply == b"building":
            return CacheMiss.BUILDING
        term, _, floor, pulled = reply[0].split(b"|")
        self._bodies.heard(term, reply[1])
        return window(
            list(map(int, reply[2:])), count, int(floor), tuple(map(int, pulled.split(b","))) if pulled else ()
        )

    def _one_a_node(self, keys: Iterable[str]) -> Iterable[str]:
        return {id(self._cluster.node_of(key)): key for key in keys}.values()

    def _call(self, function: str, key: str, *arguments: str | int) -> Reply:
        return _all(self._library.results([self._library.call(function, key, *arguments)]))[0]

    def _write(self, calls: Sequence[tuple[str, Command]]) -> None:
        replies = _all(self._library.results(calls))
        if count := replies.count(b"dropped"):
            self._dropped(count)


def _all(results: Sequence[Result]) -> Sequence[Reply]:
    """The replies. Raises Transient when one is missing; the others have been carried out."""
    for result in results:
        if isinstance(result, Exception):
            raise result if isinstance(result, Transient) else Transient(f"Redis: {result}")
    return results
