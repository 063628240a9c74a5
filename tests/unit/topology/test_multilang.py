"""The Python end of the protocol, over real pipes."""

import os
import subprocess
import sys
import threading

import msgpack
import pytest
from pystorm.exceptions import StormWentAwayError

from bolts.multilang import MessagePack
from riverline.settings import ROOT


@pytest.fixture
def pipes():
    to_bolt, from_storm = os.pipe()
    to_storm, from_bolt = os.pipe()
    with os.fdopen(to_bolt, "rb") as reads, os.fdopen(from_bolt, "wb") as writes:
        yield reads, writes, from_storm, to_storm
    os.close(to_storm)


@pytest.fixture
def wire(pipes):
    reads, writes, *_ = pipes
    return MessagePack(reads, writes, threading.RLock(), threading.RLock())


def test_messages_that_come_in_pieces_are_read_one_by_one(wire, pipes):
    data = msgpack.packb({"id": "1", "tuple": [b"\xff\x00"]}) + msgpack.packb([1, 2])
    os.write(pipes[2], data[:7])
    os.write(pipes[2], data[7:])
    assert wire.read_message() == {"id": "1", "tuple": [b"\xff\x00"]}
    assert wire.read_message() == [1, 2]
    os.close(pipes[2])


def test_a_message_longer_than_a_pipe_holds_is_read_whole_between_short_ones(wire, pipes):
    long = {"tuple": [os.urandom(3 << 20)]}
    data = b"".join(msgpack.packb(each) for each in ({"id": "1"}, long, {"id": "2"}))
    with os.fdopen(pipes[2], "wb") as storm:
        thread = threading.Thread(target=lambda: (storm.write(data), storm.flush()))
        thread.start()
        assert [wire.read_message() for _ in range(3)] == [{"id": "1"}, long, {"id": "2"}]
        thread.join()


def test_output_waits_until_the_component_is_about_to_block(wire, pipes):
    wire.send_message({"command": "ack", "id": "1"})
    wire.send_message({"command": "ack", "id": "2"})
    os.set_blocking(pipes[3], False)
    with pytest.raises(BlockingIOError):
        os.read(pipes[3], 1)
    os.write(pipes[2], msgpack.packb({}))
    wire.read_message()
    assert len(list(_unpacked(os.read(pipes[3], 1 << 16)))) == 2
    os.close(pipes[2])


def test_output_of_another_thread_is_written_at_once(wire, pipes):
    thread = threading.Thread(target=wire.send_message, args=({"command": "sync"},))
    thread.start()
    thread.join()
    assert list(_unpacked(os.read(pipes[3], 100))) == [{"command": "sync"}]
    os.close(pipes[2])


def test_an_idle_component_is_told_so_and_what_it_says_is_sent(wire, pipes):
    def idle():
        wire.send_message({"command": "ack", "id": "7"})
        os.write(pipes[2], msgpack.packb({"late": True}))
        return False

    wire.idle, wire.idle_after = idle, 0.001
    assert wire.read_message() == {"late": True}
    assert list(_unpacked(os.read(pipes[3], 100))) == [{"command": "ack", "id": "7"}]
    os.close(pipes[2])


def test_it_tells_when_it_last_had_nothing_to_read(wire, pipes):
    began = wire.idle_at
    os.write(pipes[2], msgpack.packb({"id": "1"}))
    wire.read_message()
    assert wire.idle_at == began
    timer = threading.Timer(0.3, os.write, (pipes[2], msgpack.packb({"id": "2"})))
    timer.start()
    wire.read_message()
    assert wire.idle_at >= began + 0.2
    os.close(pipes[2])


def test_a_component_that_holds_nothing_is_not_asked_again_and_again(wire, pipes):
    asked = []

    def idle():
        asked.append(len(asked))
        if len(asked) == 3:
            threading.Timer(0.2, os.write, (pipes[2], msgpack.packb({"late": True}))).start()
        return len(asked) < 3

    wire.idle, wire.idle_after = idle, 0.001
    assert wire.read_message() == {"late": True}
    assert asked == [0, 1, 2]
    os.close(pipes[2])


def test_a_closed_pipe_says_that_storm_went_away(wire, pipes):
    os.close(pipes[2])
    with pytest.raises(StormWentAwayError):
        wire.read_message()


PRINTING = """
import os, subprocess, sys, threading
import bolts.multilang, spouts.pages, bolts.index
import structlog
wire = bolts.multilang.MessagePack(sys.__stdin__, sys.__stdout__, threading.RLock(), threading.RLock())
print("from Python", flush=True)
structlog.get_logger().warning("from a log")
os.write(1, b"from C")
subprocess.run(["echo", "from a child"], check=True)
wire.send_message({"command": "sync"})
wire.flush()
"""


def test_what_libraries_print_never_reaches_storm():
    run = subprocess.run([sys.executable, "-c", PRINTING], capture_output=True, cwd=ROOT / "src", timeout=120)
    assert list(_unpacked(run.stdout)) == [{"command": "sync"}], run.stderr
    assert all(word in run.stderr for word in (b"from Python", b"from a log", b"from C", b"from a child"))


DYING = """
import sys, threading
import bolts.multilang
from bolts.errors import TellsErrors
from streamparse import Bolt

class Dying(TellsErrors, Bolt):
    auto_ack = auto_fail = False

    def initialize(self, conf, context):
        threading.Thread(target=threading.Event().wait, daemon=True).start()
        self.serializer.idle = self.rest

    def process(self, tup):
        raise RuntimeError("at a tuple")

    def rest(self):
        raise RuntimeError("in a pause")

Dying(input_stream=sys.__stdin__, output_stream=sys.__stdout__, serializer="msgpack").run()
"""


@pytest.mark.parametrize("tuples", [0, 1])
def test_what_ends_a_component_is_the_last_that_storm_hears(tmp_path, tuples):
    context = {"taskid": 3, "task->component": {"3": "dying"}, "componentid": "dying"}
    sent = [{"pidDir": str(tmp_path), "conf": {}, "context": context}]
    sent += [{"id": "1", "comp": "spout", "stream": "default", "task": 1, "tuple": ["x"]}] * tuples
    bolt = subprocess.Popen(
        [sys.executable, "-c", DYING], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT / "src"
    )
    bolt.stdin.write(b"".join(map(msgpack.packb, sent)))
    bolt.stdin.flush()
    assert bolt.wait(120) == 1
    told = list(_unpacked(bolt.stdout.read()))
    bolt.stdin.close()
    bolt.stdout.close()
    assert [message["command"] for message in told[-2:]] == ["error", "sync"]
    assert f"RuntimeError: {'at a tuple' if tuples else 'in a pause'}" in told[-2]["msg"]
    assert 'File "<string>"' in told[-2]["msg"]


def _unpacked(data):
    unpacker = msgpack.Unpacker()
    unpacker.feed(data)
    return unpacker
