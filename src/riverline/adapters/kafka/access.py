"""Connecting and authenticating to a broker: for the client library, and for requests of our own.

Format: https://kafka.apache.org/protocol, SaslHandshake version 1 and SaslAuthenticate version 0; PLAIN is RFC 4616.
"""

from __future__ import annotations

import logging
import socket
import struct
from typing import Any

from riverline.adapters import tls
from riverline.settings import Kafka

SWITCH = "RIVERLINE_KAFKA__TLS"
MECHANISM = b"PLAIN"
HANDSHAKE, AUTHENTICATE = (17, 1), (36, 0)  # each a request's kind and version
CLIENT = b"riverline"
MOST_BYTES = 64 << 20


def client_options(kafka: Kafka) -> dict[str, Any]:
    """The options of every Kafka client: the brokers, if there is a password the user, and TLS where it is on."""
    where: dict[str, Any] = {"bootstrap_servers": list(kafka.bootstrap)}
    if kafka.tls:
        where |= {"ssl_context": tls.context(kafka.ca_file), "security_protocol": "SSL"}
    password = kafka.password
    if not password:
        return where
    # Told of each connection; what docs/how-to/secure.md says of several hosts is enough.
    logging.getLogger("kafka.net.sasl.plain").setLevel(logging.ERROR)
    who = {"sasl_plain_username": kafka.user, "sasl_plain_password": password}
    protocol = "SASL_SSL" if kafka.tls else "SASL_PLAINTEXT"
    return {**where, "security_protocol": protocol, "sasl_mechanism": MECHANISM.decode(), **who}


def connected(address: str, kafka: Kafka, timeout: float) -> socket.socket:
    """A connection for requests of our own, known to the broker. Raises OSError, also for a wrong password and for what
    is wrong with TLS, with the next step."""
    host, _, port = address.rpartition(":")
    made = socket.create_connection((host, int(port)), timeout)
    try:
        if kafka.tls:
            with tls.explaining(SWITCH, kafka.ca_file):
                made = tls.context(kafka.ca_file).wrap_socket(made, server_hostname=host)
        if password := kafka.password:
            _log_in(made, kafka, password)
    except BaseException:
        made.close()
        raise
    return made


def trouble(kafka: Kafka, error: Exception, timeout: float = 2.0) -> str:
    """Why a client finds no broker: its own words, and what the first broker says to a login, where that says more."""
    said = str(error) or type(error).__name__
    try:
        connected(kafka.bootstrap[0], kafka, timeout).close()
    except OSError as found:
        return f"{said}: {kafka.bootstrap[0]}: {found}"
    return said


def asked(connection: socket.socket, request: bytes) -> bytes:
    """The answer to a request that has its length before it, without the length of the answer. Raises OSError."""
    connection.sendall(request)
    (length,) = struct.unpack(">i", received_exactly(connection, 4))
    if not 0 < length <= MOST_BYTES:
        raise ConnectionError(f"an answer of {length} bytes")
    return received_exactly(connection, length)


def received_exactly(connection: socket.socket, count: int) -> bytes:
    """So many bytes of a connection. Raises ConnectionError when it ends before."""
    received = bytearray()
    while len(received) < count:
        part = connection.recv(count - len(received))
        if not part:
            raise ConnectionError("the connection was closed")
        received += part
    return bytes(received)


def _log_in(connection: socket.socket, kafka: Kafka, password: str) -> None:
    user = kafka.user
    shown = b"\0" + user.encode() + b"\0" + password.encode()
    for (kind, version), body in (
        (HANDSHAKE, struct.pack(">h", len(MECHANISM)) + MECHANISM),
        (AUTHENTICATE, struct.pack(">i", len(shown)) + shown),
    ):
        head = struct.pack(">hhih", kind, version, 1, len(CLIENT)) + CLIENT
        try:
            answer = asked(connection, struct.pack(">i", len(head + body)) + head + body)
        except ConnectionError as ended:
            if kafka.tls or (kind, version) != HANDSHAKE:
                raise
            raise ConnectionError(tls.WANTS_TLS.format(switch=f"{SWITCH}=on")) from ended
        (error,) = struct.unpack_from(">h", answer, 4)  # behind the correlation id
        if error:
            raise PermissionError(f"the broker rejects the login of {user} (error {error})")
