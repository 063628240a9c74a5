"""A Redis Cluster: commands on many keys at once, sent to all nodes before any reply is read, so that they cost one
round trip together.

A command may run twice (its reply was lost, its slot moved): callers send only what is harmless to repeat. A node that
does not answer shuts its breaker and costs its callers nothing until it is tried again.
"""

from __future__ import annotations

import threading
import time
from binascii import crc_hqx
from collections import defaultdict
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from typing import cast

import structlog

from riverline.adapters.redis.connection import Command, Node, RedisConnection, Reply, ReplyError
from riverline.errors import Transient
from riverline.settings import Redis

SLOTS = 16384
TIMEOUT_SECONDS = 0.25  # to connect, and for each wait for a reply
HURRIED_SECONDS = 0.02  # for the replies of other nodes, once one did not come in time
REFRESH_SECONDS = 0.2  # the map of slots is asked for no more often than that
MOVES = 3  # how often a command follows its slot
MOVED = ("MOVED", "ASK ", "TRYAGAIN", "READONLY")
ASKING: Command = ("ASKING",)
MOST_PIPELINED = 1000  # commands sent to a node before its replies are read

log = structlog.get_logger(__name__)

Failure = Transient  # in the place of a reply that did not come
Result = Reply | Failure


@lru_cache(1 << 12)
def slot_of(key: str) -> int:
    """The slot of a key; a part in braces, where there is one, stands for the whole."""
    opened = key.find("{")
    closed = key.find("}", opened + 1)
    part = key[opened + 1 : closed] if opened >= 0 and closed > opened + 1 else key
    return crc_hqx(part.encode(), 0) % SLOTS


class RedisCluster:
    """Thread-safe. Connects at the first use."""

    def __init__(self, server: Redis, timeout: float = TIMEOUT_SECONDS) -> None:
        self._server, self._timeout = server, timeout
        self._nodes: dict[str, Node] = {}
        self._owners: list[Node | None] = []
        self._asked_at = 0.0
        self._lock = threading.Lock()

    def results(self, commands: Sequence[tuple[str, Command]], seconds: float | None = None) -> list[Result]:
        """The reply to each `(key, command)`; a Transient or a ReplyError in the place of one that failed. `seconds`:
        how long each wait for a reply may take, where it is not as long as usual."""
        results: list[Result] = [None] * len(commands)
        waiting = list(range(len(commands)))
        for attempt in range(MOVES):
            self._round(commands, waiting, results, seconds)
            self._ask_elsewhere(commands, waiting, results)
            waiting = [place for place in waiting if _says(results[place], *MOVED)]
            if not waiting:
                break
            # The first time the map is just old; later the cluster itself has not agreed yet.
            self._refresh(force=attempt == 0)
        return results

    def replies(self, commands: Sequence[tuple[str, Command]], seconds: float | None = None) -> list[Reply]:
        """The same for callers who need all of them. Raises Transient when one is missing."""
        results = self.results(commands, seconds)
        for result in results:
            if isinstance(result, Exception):
                raise result if isinstance(result, Transient) else Transient(f"Redis: {result}")
        return results

    def masters(self, fresh: bool = False) -> list[Node]:
        """The nodes that own slots: as it was last known, or as it is. Raises Transient."""
        if fresh or not self._owners:
            self._refresh(force=True)
        return list({id(node): node for node in self._owners if node}.values())

    def node_of(self, key: str) -> Node:
        """The node that owns the key's slot. Raises Transient."""
        if not self._owners:
            self._refresh(force=True)
        node = self._owners[slot_of(key)] if self._owners else None
        if node is None:
            raise Transient("no node of the Redis Cluster serves this key now")
        return node

    def close(self) -> None:
        for node in self._nodes.values():
            node.forget()

    def _round(
        self,
        commands: Sequence[tuple[str, Command]],
        waiting: list[int],
        results: list[Result],
        seconds: float | None,
    ) -> None:
        """Fills in the results of those that wait."""
        groups: dict[Node, list[int]] = defaultdict(list)
        for place in waiting:
            try:
                groups[self.node_of(commands[place][0])].append(place)
            except Transient as error:
                results[place] = error
        while groups:
            parts = {node: places[:MOST_PIPELINED] for node, places in groups.items()}
            batches = {node: [commands[place][1] for place in places] for node, places in parts.items()}
            self._exchange(batches, parts, results, seconds)
            groups = {node: rest for node, places in groups.items() if (rest := places[MOST_PIPELINED:])}

    def _ask_elsewhere(
        self, commands: Sequence[tuple[str, Command]], waiting: list[int], results: list[Result]
    ) -> None:
        """Keys that have moved on already while the rest of their slot moves: asked for where they are now, which takes
        a word of its own before each command. The slot's owner stays the one that the map has."""
        groups: dict[Node, list[int]] = defaultdict(list)
        for place in waiting:
            if _says(results[place], "ASK "):
                groups[self._node(str(results[place]).rsplit(" ", 1)[1])].append(place)
        for node, places in groups.items():
            batch = [part for place in places for part in (ASKING, commands[place][1])]
            answers = self._received(node, self._sent(node, batch), batch)
            for place, answer in zip(places, answers[1::2], strict=True):
                results[place] = answer

    def _exchange(
        self,
        commands: dict[Node, list[Command]],
        places: dict[Node, list[int]],
        results: list[Result],
        seconds: float | None,
    ) -> None:
        sent = {node: self._sent(node, batch) for node, batch in commands.items()}
        for node, wire in sent.items():
            answers = self._received(node, wire, commands[node], seconds)
            if isinstance(answers[0], Transient):
                seconds = HURRIED_SECONDS  # the others have had the same time by now
            for place, answer in zip(places[node], answers, strict=True):
                results[place] = answer

    def _sent(self, node: Node, batch: list[Command]) -> tuple[RedisConnection, bool] | Transient:
        if not node.gate.lets_through():
            return Transient(f"Redis on {node.address} did not answer lately")
        try:
            wire, used = node.take()
            try:
                wire.send(batch)
            except OSError:
                wire.close()
                if not used:
                    raise
                node.forget()
                wire, used = node.connected(), False
                wire.send(batch)
        except OSError as error:
            return self._away(node, error)
        return wire, used

    def _received(
        self,
        node: Node,
        sent: tuple[RedisConnection, bool] | Transient,
        batch: list[Command],
        seconds: float | None = None,
    ) -> Sequence[Result]:
        if isinstance(sent, Transient):
            return [sent] * len(batch)
        wire, used = sent
        try:
            if seconds is not None:
                wire.limit(seconds)
            answers = wire.receive(len(batch))
            if seconds is not None:
                wire.limit(self._timeout)
        except OSError as error:
            wire.close()
            if used and not isinstance(error, TimeoutError):
                # The server may have been restarted since the connection was made: once more, on a new one.
                node.forget()
                return self._received(node, self._sent(node, batch), batch)
            return [self._away(node, error)] * len(batch)
        node.gate.open()
        node.give(wire)
        return cast(Sequence[Result], answers)

    def _away(self, node: Node, error: OSError) -> Transient:
        if not node.gate.is_shut:
            log.warning("redis node does not answer", node=node.address, error=str(error))
        node.gate.shut()
        node.forget()
        threading.Thread(target=self._refresh, args=(False,), name="redis-slots", daemon=True).start()
        return Transient(f"Redis on {node.address}: {error}")

    def _refresh(self, force: bool) -> None:
        """Asks any node who owns which slots. Keeps the old map when none answers."""
        if not self._lock.acquire(timeout=self._timeout if force else 0):
            return  # another thread is asking
        try:
            if force or time.monotonic() - self._asked_at >= REFRESH_SECONDS:
                self._asked_at = time.monotonic()
                self._ask_who_owns()
        finally:
            self._lock.release()

    def _ask_who_owns(self) -> None:
        for address in dict.fromkeys([*self._nodes, *self._server.nodes]):
            with suppress(Transient):
                [slots] = self._node(address).ask(("CLUSTER", "SLOTS"))
                if isinstance(slots, list) and slots:
                    self._owners = self._map(slots)
                    return

    def _map(self, ranges: list[Reply]) -> list[Node | None]:
        owners: list[Node | None] = [None] * SLOTS
        for first, last, (host, port, *_), *_ in ranges:
            node = self._node(f"{host.decode()}:{port}")
            owners[first : last + 1] = [node] * (last + 1 - first)
        return owners

    def _node(self, address: str) -> Node:
        if address not in self._nodes:
            self._nodes[address] = Node(address, self._timeout, lambda: self._refresh(force=False), self._server)
        return self._nodes[address]


def _says(refusal: Result, *beginnings: str) -> bool:
    return isinstance(refusal, ReplyError) and str(refusal).startswith(beginnings)
