"""One process of the stack: how it is started, and when it is ready."""

from __future__ import annotations

import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from riverline.errors import Transient


class ProcessControl(Protocol):
    """Stops and starts programs by name, and waits until they are stopped or running; kills what does not stop."""

    def stop(self, name: str) -> None: ...

    def kill(self, name: str) -> None: ...

    def start(self, name: str) -> None: ...


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
    start_seconds: int = 300  # it must be ready by then
    account: str = ""  # as which it runs where root starts it; root's, where it has none
    own: tuple[Path, ...] = ()  # folders that it writes: they are that account's then
    reads: tuple[Path, ...] = ()  # what it reads beside these
    leaves_children: bool = False  # its children outlive it, and its next start takes them over
    version: str = ""  # of the code or configuration it runs: another one restarts it
    settings: tuple[str, ...] | None = None  # sections whose change restarts it; None: all
    healthy: Callable[[], None] | None = None  # what is asked once it has settled, where that is more than `ready`
    settle: Callable[[ProcessControl], None] | None = (
        None  # after it is ready, before those that wait for it: may take long
    )


@dataclass(frozen=True)
class Step:
    """What is done between starts: `act`, after these programs and steps; what names it in its `after` waits for it."""

    name: str
    act: Callable[[], object]
    after: tuple[str, ...] = ()


def listening(address: str) -> Callable[[], None]:
    """Ready when something accepts connections there."""

    def check() -> None:
        host, port = address.rsplit(":", 1)
        try:
            socket.create_connection((host, int(port)), timeout=2).close()
        except OSError as error:
            raise Transient(f"nothing listens on {address}: {error}") from error

    return check
