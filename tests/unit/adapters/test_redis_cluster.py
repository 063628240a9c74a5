"""What the cluster's client does when nodes are away, on sockets of the test's own."""

import socket
import threading
from contextlib import contextmanager

import pytest
from redis.crc import key_slot

from riverline.adapters.circuit_breaker import Breaker
from riverline.adapters.redis.cluster import RedisCluster, slot_of
from riverline.adapters.redis.connection import Node, RedisConnection
from riverline.errors import Transient
from riverline.settings import Redis


@pytest.mark.parametrize("key", ["USER_7_POSTS", "a{b}c", "{}x", "{a}{b}", "x{", "{{a}}", "안녕"])
def test_slots_are_those_of_redis(key):
    assert slot_of(key) == key_slot(key.encode())


def test_a_breaker_admits_one_probe_after_its_pause():
    breaker = Breaker(pause=1)
    assert breaker.admits(0)
    breaker.failed(10)
    assert [breaker.admits(10.5), breaker.admits(11.1), breaker.admits(11.2)] == [False, True, False]
    breaker.succeeded()
    assert breaker.admits(11.3) and breaker.admits(11.3)


def test_a_breaker_stays_shut_when_its_probe_fails():
    breaker = Breaker(pause=1)
    breaker.failed(0)
    assert breaker.admits(1.5)
    breaker.failed(1.6)
    assert not breaker.admits(2.5)
    assert breaker.admits(2.7)


@contextmanager
def server(answer):
    """A server that hands each connection to `answer`, and its address."""
    listener = socket.create_server(("127.0.0.1", 0))
    stopped = threading.Event()

    def serve():
        while not stopped.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"127.0.0.1:{listener.getsockname()[1]}"
    finally:
        stopped.set()
        listener.close()


def test_replies_come_in_order_however_they_are_cut():
    def cut(connection):
        connection.recv(1000)
        for part in (b"+O", b"K\r\n:", b"5\r\n$3\r\na", b"bc\r\n"):
            connection.sendall(part)

    with server(cut) as address:
        wire = RedisConnection(address, 2)
        wire.send([("SET", "a", 1), ("INCR", "a"), ("GET", "b")])
        assert wire.receive(3) == [b"OK", 5, b"abc"]
        wire.close()


def test_a_cluster_that_is_away_is_transient_and_costs_its_callers_nothing_afterwards():
    cluster = RedisCluster(Redis(nodes=("127.0.0.1:1",)), timeout=0.2)
    with pytest.raises(Transient):
        cluster.replies([("a", ("GET", "a"))])
    assert isinstance(cluster.results([("a", ("GET", "a"))])[0], Transient)


def test_a_node_that_hangs_is_given_up_after_the_timeout_and_then_left_alone():
    slots = b"*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:%d\r\n"
    asked = []

    def hang(connection):
        while request := connection.recv(1000):
            asked.append(request)
            if b"CLUSTER" in request:
                connection.sendall(slots % connection.getsockname()[1])

    with server(hang) as address:
        cluster = RedisCluster(Redis(nodes=(address,)), timeout=0.1)
        first, second = cluster.results([("a", ("GET", "a"))]), cluster.results([("a", ("GET", "a"))])
        cluster.close()
    assert "timed out" in str(first[0])
    assert "did not answer lately" in str(second[0])
    assert sum(b"GET" in request for request in asked) == 1


def test_who_has_the_time_may_wait_longer_for_a_reply_and_the_others_not():
    slots = b"*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:%d\r\n"

    def slow(connection):
        while request := connection.recv(1000):
            if b"CLUSTER" in request:
                connection.sendall(slots % connection.getsockname()[1])
            else:
                threading.Event().wait(0.2)
                connection.sendall(b"$1\r\nx\r\n")

    with server(slow) as address:
        cluster = RedisCluster(Redis(nodes=(address,)), timeout=0.05)
        cluster.masters()
        assert cluster.replies([("a", ("GET", "a"))], seconds=30) == [b"x"]
        with pytest.raises(Transient, match="timed out"):  # over the same connection
            cluster.replies([("a", ("GET", "a"))])
        cluster.close()


def test_a_connection_that_was_closed_meanwhile_is_made_anew():
    slots = b"*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:%d\r\n"

    def once(connection):
        request = connection.recv(1000)
        connection.sendall(slots % connection.getsockname()[1] if b"CLUSTER" in request else b"$1\r\nx\r\n")
        connection.close()

    with server(once) as address:
        cluster = RedisCluster(Redis(nodes=(address,)), timeout=1)
        assert [cluster.replies([("a", ("GET", "a"))]) for _ in range(3)] == [[b"x"]] * 3
        cluster.close()


def test_a_key_that_has_moved_on_is_asked_for_where_it_is_with_the_word_that_allows_it():
    """While a slot moves its owner sends one on by ASK; the other node answers only whom it was announced."""
    asked = []

    def target(connection):
        allowed = False
        while request := connection.recv(1000):
            for word in (b"ASKING", b"GET"):
                if word in request:
                    asked.append(word)
                    refused = word == b"GET" and not allowed
                    connection.sendall(b"-MOVED 1 127.0.0.1:1\r\n" if refused else b"$5\r\nthere\r\n")
                    allowed = word == b"ASKING"

    with server(target) as other:

        def source(connection):
            slots = b"*1\r\n*3\r\n:0\r\n:16383\r\n*2\r\n$9\r\n127.0.0.1\r\n:%d\r\n" % connection.getsockname()[1]
            while request := connection.recv(1000):
                connection.sendall(slots if b"CLUSTER" in request else b"-ASK 15495 %b\r\n" % other.encode())

        with server(source) as address:
            cluster = RedisCluster(Redis(nodes=(address,)), timeout=2)
            assert cluster.replies([("a", ("GET", "a"))]) == [b"there"]
            cluster.close()
    assert asked == [b"ASKING", b"GET"]


def test_a_server_is_told_who_comes_before_anything_is_asked(tmp_path):
    heard = []

    def listens(connection):
        for reply in (b"+OK\r\n", b"+PONG\r\n"):
            heard.append(connection.recv(1000))
            connection.sendall(reply)

    file = tmp_path / "redis"
    file.write_text("geheim\n")
    with server(listens) as address:
        assert Node(address, 2, server=Redis(password_file=file)).ask(("PING",)) == [b"PONG"]
    assert heard[0].split(b"\r\n")[2::2] == [b"AUTH", b"riverline", b"geheim"]
    assert b"PING" in heard[1]


def test_a_server_that_does_not_let_us_in_is_away(tmp_path):
    def refuses(connection):
        connection.recv(1000)
        connection.sendall(b"-WRONGPASS invalid username-password pair\r\n")

    file = tmp_path / "redis"
    file.write_text("geheim\n")
    with server(refuses) as address, pytest.raises(Transient, match="rejects the login of riverline: WRONGPASS"):
        Node(address, 2, server=Redis(password_file=file)).ask(("PING",))
