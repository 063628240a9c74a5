"""A slot of the real cluster moves from one node to another while its keys are used."""

import uuid
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from riverline.adapters.redis.cluster import RedisCluster, slot_of
from riverline.adapters.redis.connection import Node
from riverline.adapters.redis.function_library import FunctionLibrary
from riverline.adapters.redis.key_value import RedisKeyValue
from riverline.settings import Guarded, Settings
from riverline_stack.servers import redis_servers
from riverline_stack.servers.addresses import beside, host_of, port_of

pytestmark = pytest.mark.integration


@dataclass
class Move:
    """A slot on its way, by the name that all keys in it share. Keys made before it began are still at its owner."""

    cluster: RedisCluster
    name: str
    source: Node
    target: Node
    administrator: Guarded
    between_nodes: int  # ports from a node's own to that at which other nodes reach it

    def key(self, rest: str) -> str:
        return f"{{{self.name}}}{rest}"

    def tell(self, node: Node, *state: str) -> None:
        """As the one who administers the cluster, and no application, may."""
        assert Node(node.address, 2, server=self.administrator).ask(
            ("CLUSTER", "SETSLOT", slot_of(self.name), *state)
        ) == [b"OK"]

    def begin(self) -> None:
        self.tell(self.target, "IMPORTING", identity(self.source))
        self.tell(self.source, "MIGRATING", identity(self.target))

    def moved(self, key: str) -> None:
        """Takes one key to the other node, as `redis-cli --cluster reshard` does."""
        address = beside(self.target.address, self.between_nodes)
        who = (self.administrator.user, self.administrator.password)
        command = ("MIGRATE", host_of(address), port_of(address), key, 0, 5000, "AUTH2", *who)
        assert self.source.ask(command) == [b"OK"]

    def end(self) -> None:
        """The other node owns the slot from now on."""
        for node in (self.target, self.source):
            self.tell(node, "NODE", identity(self.target))


def is_empty(cluster: RedisCluster, name: str) -> bool:
    """Whether the name's slot holds no keys: an owner that still holds some does not let its slot go."""
    return cluster.node_of(name).ask(("CLUSTER", "COUNTKEYSINSLOT", slot_of(name))) == [0]


def identity(node: Node) -> str:
    return str(node.ask(("CLUSTER", "MYID"))[0].decode())


@pytest.fixture
def move(stack: Settings) -> Iterator[Move]:
    cluster = RedisCluster(stack.redis, timeout=2)
    name = next(name for name in iter(lambda: uuid.uuid4().hex, "") if is_empty(cluster, name))
    source = cluster.node_of(name)
    target = next(node for node in cluster.masters() if node is not source)
    between_nodes = 0 if stack.redis.tls else redis_servers.BETWEEN_NODES
    yield Move(cluster, name, source, target, redis_servers.administrator(stack), between_nodes)
    cluster.close()


def test_keys_are_found_and_written_on_both_sides_of_a_slot_that_moves(move: Move) -> None:
    key_value = RedisKeyValue(move.cluster)
    stays, goes, comes = map(move.key, ("stays", "goes", "comes"))
    for key in (stays, goes):
        key_value.put(key, key.encode(), 60)
    move.begin()
    move.moved(goes)
    assert key_value.get([stays, goes, comes]) == [stays.encode(), goes.encode(), None]
    key_value.put(comes, b"new", 60)
    assert key_value.put_new(goes, b"other", 60) is False
    key_value.put(goes, b"changed", 60)
    assert key_value.get([stays, goes, comes]) == [stays.encode(), b"changed", b"new"]
    move.moved(stays)
    move.end()
    assert key_value.get([stays, goes, comes]) == [stays.encode(), b"changed", b"new"]


def test_the_library_is_loaded_where_a_slot_moves_to(move: Move) -> None:
    library = FunctionLibrary(move.cluster, "courtesy")
    for node in (move.source, move.target):
        node.ask(("FUNCTION", "FLUSH"))
    move.begin()
    [result] = library.results([library.call("spend", move.key("account"), 1, 5)])
    assert result == 1
    move.end()
