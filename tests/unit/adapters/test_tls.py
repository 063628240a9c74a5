"""What goes wrong with TLS is said with the next step, whichever client meets it."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from riverline.adapters import tls
from riverline.adapters.kafka.access import connected
from riverline.adapters.redis.connection import RedisConnection
from riverline.settings import Kafka, Redis
from riverline_stack.servers import certificates
from tests.support.tls import another_authority, expired

HERE = ["127.0.0.1", "localhost"]
Authority = tuple[str, str]


@pytest.fixture(scope="module")
def authority() -> Authority:
    return certificates.new_authority()


@pytest.fixture
def trusted(authority: Authority, tmp_path: Path) -> Path:
    path = tmp_path / "authority.pem"
    path.write_text(authority[0])
    return path


@contextlib.contextmanager
def server(folder: Path, identity: str | None) -> Iterator[str]:
    """The address of a server that shows this, answers +OK, and ends; without it, of plain text."""
    context = None
    if identity is not None:
        (folder / "own.pem").write_text(identity)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "own.pem")
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                made, _ = listening.accept()
                made.settimeout(10)
                with context.wrap_socket(made, server_side=True) if context else made as talking:
                    talking.recv(1 << 16)
                    talking.sendall(b"+OK\r\n")

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"127.0.0.1:{listening.getsockname()[1]}"
    thread.join(10)


def issued(authority: Authority, names: list[str]) -> str:
    return certificates.issued(*authority, names)


def redis(ca_file: Path | None) -> Redis:
    return Redis(tls=True).trusting(ca_file)


def test_a_certificate_of_the_authority_is_taken(authority: Authority, trusted: Path, tmp_path: Path) -> None:
    with server(tmp_path, issued(authority, HERE)) as address:
        connection = RedisConnection(address, 5, redis(trusted))
        connection.send([("PING",)])
        assert connection.receive(1) == [b"OK"]
        connection.close()


def test_every_mistake_is_told_with_the_next_step(authority: Authority, trusted: Path, tmp_path: Path) -> None:
    good = issued(authority, HERE)
    mistakes = [
        (good, another_authority(tmp_path), r"another.pem, the file of RIVERLINE_TLS__CA_FILE, does not trust"),
        (good, None, r"this machine \(RIVERLINE_TLS__CA_FILE is not set\), does not trust"),
        (expired(HERE, authority), trusted, "has expired: `make up` renews"),
        (issued(authority, ["10.1.0.1"]), trusted, "of another name"),
        (None, trusted, "it speaks no TLS: unset RIVERLINE_REDIS__TLS"),
        (good, tmp_path / "none.pem", "RIVERLINE_TLS__CA_FILE: there is no file"),
    ]
    for identity, ca_file, said in mistakes:
        with server(tmp_path, identity) as address, pytest.raises(OSError, match=said):
            RedisConnection(address, 5, redis(ca_file))


def test_kafka_says_the_same(authority: Authority, trusted: Path, tmp_path: Path) -> None:
    encrypted = Kafka(tls=True)
    with (
        server(tmp_path, issued(authority, HERE)) as address,
        pytest.raises(OSError, match="RIVERLINE_TLS__CA_FILE is not set"),
    ):
        connected(address, encrypted, 5)
    with server(tmp_path, None) as address, pytest.raises(OSError, match="unset RIVERLINE_KAFKA__TLS"):
        connected(address, encrypted.trusting(trusted), 5)


def test_a_file_without_certificates_is_named(tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("none\n")
    with pytest.raises(ConnectionError, match=r"empty.pem holds no certificates"):
        tls.context(tmp_path / "empty.pem")


def test_who_ends_the_greeting_may_be_stopping(trusted: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=lambda: listening.accept()[0].close())
        thread.start()
        with pytest.raises(OSError, match=r"it ends the greeting of TLS .* it is stopping, or it speaks no TLS: unset"):
            RedisConnection(f"127.0.0.1:{listening.getsockname()[1]}", 5, redis(trusted))
        thread.join(10)


def test_a_client_without_a_certificate_where_one_is_wanted_is_not_told_that_there_is_no_tls() -> None:
    refused = ssl.SSLError(1, "[SSL: TLSV13_ALERT_CERTIFICATE_REQUIRED] tlsv13 alert certificate required")
    refused.reason = "TLSV13_ALERT_CERTIFICATE_REQUIRED"
    assert tls.meaning(refused, "X", None) == "it refuses TLS (TLSV13_ALERT_CERTIFICATE_REQUIRED)"
