"""Addresses (`host:port`) that follow from others: controllers beside brokers, worker slots beside Nimbus."""

from __future__ import annotations

import socket

from riverline.settings import Settings


def host_of(address: str) -> str:
    return address.rsplit(":", 1)[0]


def port_of(address: str) -> int:
    return int(address.rsplit(":", 1)[1])


def is_on_loopback(*addresses: str) -> bool:
    """Whether nobody but this machine reaches them."""
    return all(host_of(each) == "localhost" or host_of(each).startswith("127.") for each in addresses)


def is_here(settings: Settings, address: str) -> bool:
    """Whether the server at that address is on this host: every one is, where the settings tell of no other host."""
    return settings.stack.host in ("", host_of(address))


def beside(address: str, offset: int) -> str:
    """The address `offset` ports above."""
    return f"{host_of(address)}:{port_of(address) + offset}"


def free_address() -> str:
    """A loopback address that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"
