"""Whether topics have changed, told by a broker that answers what a test gives it."""

from __future__ import annotations

import socket
import struct
import threading

import pytest

from riverline.adapters.kafka.topic_changes import TopicChanges, request, topics_part
from riverline.settings import Kafka


def text(value: str) -> bytes:
    return bytes([len(value) + 1]) + value.encode()


def response(topics: bytes, controller: int = 1, rack: bytes = b"\0") -> bytes:
    """Metadata, version 12, of two brokers."""
    brokers = b"".join(
        struct.pack(">i", number) + text("127.0.0.1") + struct.pack(">i", 9091 + number) + rack + b"\0"
        for number in (1, 2)
    )
    return struct.pack(">ibi", 1, 0, 0) + b"\3" + brokers + text("cluster") + struct.pack(">i", controller) + topics


class Broker(threading.Thread):
    """Answers each request with the next of its answers; closes the connection at None."""

    def __init__(self, *answers: bytes | None) -> None:
        super().__init__(daemon=True)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._answers = list(answers)
        self.address = f"127.0.0.1:{self._socket.getsockname()[1]}"
        self.start()

    def run(self) -> None:
        with self._socket:
            while self._answers:
                connection, _ = self._socket.accept()
                with connection:
                    self._serve(connection)

    def _serve(self, connection: socket.socket) -> None:
        while self._answers:
            if connection.recv(len(request()), socket.MSG_WAITALL) != request():
                return
            answer = self._answers.pop(0)
            if answer is None:
                return
            connection.sendall(struct.pack(">i", len(answer)) + answer)


@pytest.mark.parametrize("rack", [b"\0", text("r1")])
def test_what_a_response_says_of_topics_is_all_behind_the_controller(rack: bytes) -> None:
    assert topics_part(response(b"\2 a topic", rack=rack)) == b"\2 a topic"


def test_a_long_name_has_a_longer_length() -> None:
    name = b"\xad\x02" + 300 * b"h"  # 301 in seven bits a byte
    broker = struct.pack(">i", 1) + name + struct.pack(">i", 9092) + b"\0\0"
    assert topics_part(struct.pack(">ibi", 1, 0, 0) + b"\2" + broker + b"\0" + b"\0\0\0\1" + b"topics") == b"topics"


def test_topics_that_stay_are_no_change_whichever_controller_is_named() -> None:
    broker = Broker(response(b"a", 1), response(b"a", 2), response(b"b", 2), response(b"b", 1))
    changes = TopicChanges(Kafka(bootstrap=(broker.address,)))
    assert [changes.look() for _ in range(4)] == [True, False, True, False]
    changes.close()


def test_what_was_forgotten_is_new_again() -> None:
    broker = Broker(response(b"a"), response(b"a"))
    changes = TopicChanges(Kafka(bootstrap=(broker.address,)))
    changes.look()
    changes.forget()
    assert changes.look()
    changes.close()


def test_a_broker_that_goes_leaves_nothing_known_and_the_next_one_is_asked() -> None:
    first, second = Broker(response(b"a"), None), Broker(response(b"a"), response(b"a"))
    changes = TopicChanges(Kafka(bootstrap=(first.address, second.address)))
    assert [changes.look() for _ in range(4)] == [True, True, True, False]
    changes.close()


@pytest.mark.parametrize("answer", [b"", b"\0" * 9, response(b"")[:20]])
def test_an_answer_that_cannot_be_read_leaves_nothing_known(answer: bytes) -> None:
    broker = Broker(answer, answer)
    changes = TopicChanges(Kafka(bootstrap=(broker.address,)))
    assert (changes.look(), changes.look()) == (True, True)
    changes.close()
