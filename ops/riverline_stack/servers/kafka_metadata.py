"""Which brokers serve: one of them is asked with a single request of Kafka's protocol (Metadata, version 5).

Format: https://kafka.apache.org/protocol#The_Messages_Metadata
"""

from __future__ import annotations

import struct

from riverline.adapters.kafka.access import asked, connected
from riverline.errors import Transient
from riverline.settings import Kafka

METADATA, VERSION = 3, 5
CLIENT = b"riverline-stack"


def broker_ids(address: str, kafka: Kafka, timeout: float = 2) -> set[int]:
    """The numbers of the brokers that serve, as the one at `address` knows. Raises Transient if it does not answer."""
    try:
        with connected(address, kafka, timeout) as connection:
            return broker_ids_in(asked(connection, metadata_request()))
    except OSError as error:
        raise Transient(f"the broker at {address} does not answer: {error}") from error


def metadata_request() -> bytes:
    """A request about the brokers and about no topic, with its length before it."""
    header = struct.pack(">hhih", METADATA, VERSION, 1, len(CLIENT)) + CLIENT
    body = struct.pack(">i?", 0, False)  # no topics; create none
    return struct.pack(">i", len(header + body)) + header + body


def broker_ids_in(response: bytes) -> set[int]:
    """The brokers' numbers in a response, which begins with the correlation id and a throttle time."""
    count = struct.unpack_from(">i", response, 8)[0]
    offset, found = 12, set()
    for _ in range(count):
        number, host = struct.unpack_from(">ih", response, offset)
        offset += 6 + host + 4
        rack = struct.unpack_from(">h", response, offset)[0]
        offset += 2 + max(rack, 0)
        found.add(number)
    return found
