"""Small values that may be lost, in the Redis Cluster: `contracts.KeyValue`. A node that is away fails at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from riverline.adapters.redis.cluster import RedisCluster
from riverline.adapters.redis.connection import Command

RELEASE = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class RedisKeyValue:
    """Thread-safe."""

    def __init__(self, cluster: RedisCluster) -> None:
        self._cluster = cluster

    def get(self, keys: Sequence[str]) -> list[bytes | None]:
        return self._cluster.replies([(key, ("GET", key)) for key in keys])

    def put(self, key: str, value: bytes, seconds: float) -> None:
        self._cluster.replies([(key, ("SET", key, value, "PX", _ms(seconds)))])

    def put_new(self, key: str, value: bytes, seconds: float) -> bool:
        [old] = self._cluster.replies([_new(key, value, seconds)])
        return old is None or old == value

    def forget(self, key: str) -> None:
        self._cluster.replies([(key, ("DEL", key))])

    def looked_up(self, key: str, claim: str, token: bytes, seconds: float) -> tuple[bytes | None, bool]:
        value, old = self._cluster.replies([(key, ("GET", key)), _new(claim, token, seconds)])
        return value, old is None or old == token

    def settle(self, key: str, value: bytes, seconds: float, claim: str, token: bytes) -> None:
        # One node runs what it gets over one connection in the order in which it was sent.
        self._cluster.replies([(key, ("SET", key, value, "PX", _ms(seconds))), _released(claim, token)])

    def release(self, claim: str, token: bytes) -> None:
        self._cluster.replies([_released(claim, token)])

    def note(self, key: str, values: Mapping[str, bytes], seconds: float) -> None:
        pairs = (part for pair in values.items() for part in pair)
        self._cluster.replies([(key, ("HSET", key, *pairs)), (key, ("PEXPIRE", key, _ms(seconds)))])

    def noted(self, key: str, names: Sequence[str]) -> list[bytes | None]:
        [found] = self._cluster.replies([(key, ("HMGET", key, *names))])
        return list(found)

    def counted(self, more: Mapping[str, int], window: int, seconds: int) -> list[tuple[int, int]]:
        commands: list[tuple[str, Command]] = []
        for name, added in more.items():
            before, now = f"{name}_{window - 1}", f"{name}_{window}"
            commands += [(before, ("GET", before)), (now, ("INCRBY", now, added)), (now, ("EXPIRE", now, seconds))]
        found = self._cluster.replies(commands)
        return [(int(found[place] or 0), int(found[place + 1])) for place in range(0, len(found), 3)]

    def close(self) -> None:
        self._cluster.close()


def _new(key: str, value: bytes, seconds: float) -> tuple[str, Command]:
    """Sets what is not there yet. Sent again after a lost reply it finds its own value, which counts as new."""
    return key, ("SET", key, value, "NX", "GET", "PX", _ms(seconds))


def _released(claim: str, token: bytes) -> tuple[str, Command]:
    return claim, ("EVAL", RELEASE, 1, claim, token)


def _ms(seconds: float) -> int:
    return max(1, round(seconds * 1000))
