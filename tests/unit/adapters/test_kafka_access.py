"""Who one is, told to a broker that answers what a test gives it."""

from __future__ import annotations

import socket
import struct
import threading
from pathlib import Path

import pytest

from riverline.adapters.kafka.access import client_options, connected
from riverline.settings import Kafka

WELL, REFUSED = struct.pack(">ih", 1, 0), struct.pack(">ih", 1, 58)


class Broker(threading.Thread):
    """Takes one connection, keeps what it hears, and gives an answer to each request."""

    def __init__(self, *answers: bytes) -> None:
        super().__init__(daemon=True)
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._answers = answers
        self.heard: list[bytes] = []
        self.start()

    def run(self) -> None:
        with self._socket, self._socket.accept()[0] as connection:
            for answer in self._answers:
                (length,) = struct.unpack(">i", connection.recv(4, socket.MSG_WAITALL))
                self.heard.append(connection.recv(length, socket.MSG_WAITALL))
                connection.sendall(struct.pack(">i", len(answer)) + answer)

    def settings(self, password: Path | None) -> Kafka:
        return Kafka(bootstrap=(f"127.0.0.1:{self._socket.getsockname()[1]}",), password_file=password)


@pytest.fixture
def password(tmp_path: Path) -> Path:
    file = tmp_path / "kafka"
    file.write_text("geheim\n")
    return file


def test_a_connection_begins_with_who_comes(password: Path) -> None:
    broker = Broker(WELL + struct.pack(">i", 0), WELL + struct.pack(">hi", -1, 0))
    kafka = broker.settings(password)
    connected(kafka.bootstrap[0], kafka, 5).close()
    assert [struct.unpack_from(">hh", one) for one in broker.heard] == [(17, 1), (36, 0)]
    assert broker.heard[0].endswith(b"\0\x05PLAIN")
    assert broker.heard[1].endswith(b"\0riverline\0geheim")


def test_a_broker_that_does_not_let_us_in_is_an_error_of_the_connection(password: Path) -> None:
    kafka = Broker(WELL + struct.pack(">i", 0), REFUSED + struct.pack(">hi", -1, 0)).settings(password)
    with pytest.raises(OSError, match="rejects the login of riverline"):
        connected(kafka.bootstrap[0], kafka, 5)


def test_without_a_password_nothing_is_said() -> None:
    broker = Broker()
    kafka = broker.settings(None)
    connected(kafka.bootstrap[0], kafka, 5).close()
    broker.join(5)
    assert broker.heard == []
    assert client_options(kafka) == {"bootstrap_servers": list(kafka.bootstrap)}


def test_the_librarys_clients_are_told_the_same(password: Path) -> None:
    options = client_options(Kafka(password_file=password))
    assert options["security_protocol"] == "SASL_PLAINTEXT"
    assert (options["sasl_plain_username"], options["sasl_plain_password"]) == ("riverline", "geheim")
