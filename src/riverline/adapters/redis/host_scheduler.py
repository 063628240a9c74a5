"""Crawlers' turns at hosts, and robots.txt, in the Redis Cluster: `CRAWL_<host>` and `ROBOTS_<origin>`.

A call is one round trip on the crawler's own thread, some tenths of a millisecond.
"""

from __future__ import annotations

import math
from typing import Any

from riverline.adapters.redis.cluster import RedisCluster
from riverline.adapters.redis.function_library import FunctionLibrary
from riverline.errors import Transient

REPLY_SECONDS = 1.0  # a crawler has the time


class RedisHostScheduler:
    """The caller gives the pauses, in seconds: after the first failure, the longest, and for a robots.txt."""

    def __init__(self, cluster: RedisCluster, first_pause: float, longest_pause: float, robots_seconds: float) -> None:
        self._cluster, self._library = cluster, FunctionLibrary(cluster, "courtesy")
        self._first, self._longest = round(first_pause * 1000), round(longest_pause * 1000)
        self._robots_seconds = round(robots_seconds)

    def start(self, host: str, token: str, busy: float, look: float) -> float:
        return float(self._call("start", host, token, _ms(busy), _ms(look))) / 1000

    def finish(self, host: str, token: str, pause: float, worked: bool) -> None:
        self._call("finish", host, token, _ms(pause), int(worked))

    def failed(self, host: str, asked: float | None) -> float:
        wanted = -1 if asked is None else _ms(asked)
        return float(self._call("failed", host, wanted, self._first, self._longest)) / 1000

    def robots(self, origin: str) -> tuple[int, bytes] | None:
        key = f"ROBOTS_{origin}"
        [held] = self._cluster.replies([(key, ("GET", key))], REPLY_SECONDS)
        if held is None:
            return None
        status, _, body = held.partition(b"\n")
        return int(status), body

    def keep_robots(self, origin: str, status: int, body: bytes) -> None:
        key = f"ROBOTS_{origin}"
        put = ("SET", key, b"%d\n%b" % (status, body), "EX", self._robots_seconds)
        self._cluster.replies([(key, put)], REPLY_SECONDS)

    def spend(self, account: str, units: int, limit: int) -> bool:
        return bool(self._called("spend", f"QUOTA_{account}", units, limit))

    def close(self) -> None:
        self._cluster.close()

    def _call(self, function: str, host: str, *arguments: str | int) -> Any:
        return self._called(function, f"CRAWL_{host}", *arguments)

    def _called(self, function: str, key: str, *arguments: str | int) -> Any:
        [result] = self._library.results([self._library.call(function, key, *arguments)], REPLY_SECONDS)
        if isinstance(result, Exception):
            raise result if isinstance(result, Transient) else Transient(f"Redis: {result}")
        return result


def _ms(seconds: float) -> int:
    return math.ceil(seconds * 1000)  # rounded up: never sooner than asked for
