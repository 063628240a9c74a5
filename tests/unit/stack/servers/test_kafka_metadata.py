from __future__ import annotations

import socket
import struct
import threading

import pytest

from riverline.errors import Transient
from riverline.settings import Kafka
from riverline_stack.servers.addresses import free_address
from riverline_stack.servers.kafka_metadata import broker_ids, broker_ids_in, metadata_request


def response(*numbers: int, rack: bytes | None = None) -> bytes:
    """An answer of Metadata, version 5, as far as the brokers go."""
    text = struct.pack(">h", -1) if rack is None else struct.pack(">h", len(rack)) + rack
    brokers = b"".join(
        struct.pack(">ih", number, 9) + b"127.0.0.1" + struct.pack(">i", 9092) + text for number in numbers
    )
    return struct.pack(">iii", 1, 0, len(numbers)) + brokers


def test_a_request_begins_with_its_length() -> None:
    request = metadata_request()
    assert struct.unpack_from(">i", request)[0] == len(request) - 4


def test_all_brokers_of_a_response_are_read() -> None:
    assert broker_ids_in(response(1, 2, 3)) == {1, 2, 3}


def test_racks_are_passed_over() -> None:
    assert broker_ids_in(response(4, 7, rack=b"rack-1")) == {4, 7}


def test_a_broker_that_is_not_there_is_transient() -> None:
    with pytest.raises(Transient, match="does not answer"):
        broker_ids(free_address(), Kafka())


def test_an_answer_that_comes_in_pieces_is_put_together() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=answer_in_pieces, args=(server, response(1, 3)), daemon=True).start()
        assert broker_ids(f"127.0.0.1:{server.getsockname()[1]}", Kafka()) == {1, 3}


def test_a_connection_that_ends_early_is_transient() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=lambda: server.accept()[0].close(), daemon=True).start()
        with pytest.raises(Transient):
            broker_ids(f"127.0.0.1:{server.getsockname()[1]}", Kafka())


def answer_in_pieces(server: socket.socket, body: bytes) -> None:
    connection = server.accept()[0]
    connection.recv(1024)
    for byte in struct.pack(">i", len(body)) + body:
        connection.sendall(bytes([byte]))
    connection.close()
