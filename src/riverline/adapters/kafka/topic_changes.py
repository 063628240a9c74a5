"""Whether the topics of a Kafka cluster have changed, without decoding the brokers' answer.

A client that lists thousands of topics every two seconds does little else. Here the brokers' answer is compared, byte
by byte, with the previous one; only when it differs, a Kafka client is asked what has changed.

Format: https://kafka.apache.org/protocol#The_Messages_Metadata, version 12, the first with a use for topics' ids.
"""

from __future__ import annotations

import contextlib
import socket
import struct

from riverline.adapters.kafka.access import asked, connected
from riverline.settings import Kafka

METADATA, VERSION = 3, 12
CLIENT = b"riverline-changes"


class TopicChanges:
    """Remembers the last answer. Not thread-safe; connects at the first use, to the first broker that answers."""

    def __init__(self, kafka: Kafka, timeout: float = 2.0) -> None:
        """`timeout`: seconds for a broker to connect and to answer."""
        self._kafka, self._timeout = kafka, timeout
        self._connection: socket.socket | None = None
        self._turn = 0
        self._known: bytes | None = None

    def look(self) -> bool:
        """True when topics, partitions, their leaders or replicas are others than at the last look, when it is the
        first one, and when no broker answers: then nothing is known."""
        try:
            found = topics_part(self._ask())
        except (OSError, struct.error, IndexError):
            self.close()
            self._turn += 1
            self._known = None
            return True
        changed, self._known = found != self._known, found
        return changed

    def forget(self) -> None:
        """Lets the next look say that there are changes."""
        self._known = None

    def close(self) -> None:
        if self._connection is not None:
            with contextlib.suppress(OSError):
                self._connection.close()
            self._connection = None

    def _ask(self) -> bytes:
        self._connection = self._connection or self._connect()
        return asked(self._connection, request())

    def _connect(self) -> socket.socket:
        brokers = self._kafka.bootstrap
        return connected(brokers[self._turn % len(brokers)], self._kafka, self._timeout)


def request() -> bytes:
    """A request about all topics, with its length before it."""
    header = struct.pack(">hhih", METADATA, VERSION, 1, len(CLIENT)) + CLIENT + b"\0"
    body = b"\0\0\0\0"  # null: all topics; create none; no operations; no tagged fields
    return struct.pack(">i", len(header + body)) + header + body


def topics_part(response: bytes) -> bytes:
    """What a response says of topics: all behind the controller, for which a broker names any of them, by chance."""
    offset = 4 + 1 + 4  # correlation id, tagged fields, throttle time
    brokers, offset = _varint(response, offset)
    for _ in range(brokers - 1):
        offset = _after_text(response, offset + 4) + 4  # id, host, port
        offset = _after_text(response, offset) + 1  # rack, tagged fields
    return response[_after_text(response, offset) + 4 :]  # cluster id, controller


def _after_text(data: bytes, offset: int) -> int:
    """Where a compact string ends, which begins with its length and one; 0 stands for null."""
    length, offset = _varint(data, offset)
    return offset + max(length - 1, 0)


def _varint(data: bytes, offset: int) -> tuple[int, int]:
    """An unsigned varint, and where it ends."""
    value = shift = 0
    while True:
        byte = data[offset]
        offset += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, offset
        shift += 7
