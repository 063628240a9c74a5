"""Servers with TLS for tests, and clients of them that make one mistake each."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from riverline.settings import Settings, Tls
from riverline_stack.servers import certificates
from riverline_stack.servers.addresses import host_of, port_of
from tests.support.few_servers import Install, Programs, running


@contextlib.contextmanager
def few_servers_with_tls(home: Path, offset: int, programs: Programs, *installs: Install) -> Iterator[Settings]:
    """As `few_servers`, with `RIVERLINE_STACK__TLS=on`."""
    with running(Settings(stack={"tls": True}).shifted(offset).placed(home), programs, *installs) as settings:
        yield settings


def trusting(settings: Settings, authority: Path) -> Settings:
    """The same for clients that trust another authority."""
    moved = settings.model_copy(update={"tls": Tls(ca_file=authority)})
    return moved.model_copy(update=moved._completed())


def another_authority(folder: Path) -> Path:
    """The certificate of an authority that has signed nothing."""
    path = folder / "another.pem"
    path.write_text(certificates.new_authority()[0])
    return path


def without_tls(settings: Settings, section: str) -> Settings:
    """The same for clients that speak no TLS with one kind of server."""
    return settings.model_copy(update={section: getattr(settings, section).model_copy(update={"tls": False})})


def expired(names: list[str], authority: tuple[str, str]) -> str:
    """A certificate of that authority that has ended a moment ago."""
    with patch.object(certificates, "OF_HOST", timedelta(seconds=-1)):
        return certificates.issued(*authority, names)


def assert_asks_for_a_certificate(address: str, authority: Path | None) -> None:
    """Redis answers at that port only who shows a certificate. With TLS 1.3 the refusal comes with the first answer."""
    context = ssl.create_default_context(cafile=authority)
    with socket.create_connection((host_of(address), port_of(address)), 5) as plain:
        plain.sendall(b"RCmb" + bytes(2252))
        with pytest.raises(ConnectionResetError):
            raise ConnectionResetError if not plain.recv(1) else AssertionError
    with (
        socket.create_connection((host_of(address), port_of(address)), 5) as connection,
        pytest.raises(ssl.SSLError, match="CERTIFICATE_REQUIRED"),
        context.wrap_socket(connection, server_hostname=host_of(address)) as encrypted,
    ):
        encrypted.recv(1)
