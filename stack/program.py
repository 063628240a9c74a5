"""One process of the stack: how it is started, and how one sees that it is ready."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from riverline.errors import Transient


@dataclass(frozen=True)
class Program:
    """What the supervisor runs. `ready` raises Transient with the reason while it is not."""

    name: str
    command: list[str]
    ready: Callable[[], None]
    directory: Path | None = None
    environment: dict[str, str] = field(default_factory=dict)
    addresses: tuple[str, ...] = ()  # host:port that it will listen on: they must be free before it starts
    after: tuple[str, ...] = ()  # programs that must be ready first
    stop_signal: str = "TERM"
    stop_seconds: int = 15  # then it is killed


def listening(address: str) -> Callable[[], None]:
    """Ready when something accepts connections there."""

    def check() -> None:
        host, port = address.rsplit(":", 1)
        try:
            socket.create_connection((host, int(port)), timeout=2).close()
        except OSError as error:
            raise Transient(f"nothing listens on {address}: {error}") from error

    return check
