"""The client of Nimbus that a request works with, and what it asks of it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from flask import abort, current_app, request

from riverline_storm_ui.formatting import ALL_TIME, WINDOWS

Connect = Callable[[], AbstractContextManager[Any]]
CONNECT, NOW = "riverline-nimbus", "riverline-now"


def nimbus() -> AbstractContextManager[Any]:
    connect: Connect = current_app.extensions[CONNECT]
    return connect()


def now() -> float:
    """Seconds since 1970."""
    found: Callable[[], float] = current_app.extensions[NOW]
    return found()


def system() -> bool:
    """Whether Storm's own components are asked for, too."""
    return request.args.get("sys", "false").lower() in ("1", "true")


def window() -> str:
    """The window that is asked for; 404 where Storm counts by no such one."""
    asked = request.args.get("window", ALL_TIME)
    if asked not in WINDOWS:
        abort(404, f"there is no window {asked}; there are: {', '.join(WINDOWS)}")
    return asked


def topology_name(client: Any, topology_id: str) -> str:
    """The name of a topology that runs; 404 where none has the id."""
    names = {each.id: str(each.name) for each in client.getClusterInfo().topologies or []}
    if topology_id not in names:
        abort(404, f"there is no topology with the id {topology_id}")
    return names[topology_id]


def topology_page(client: Any, topology_id: str) -> tuple[Any, str, bool]:
    """A topology's figures for a window, with Storm's system components or without."""
    asked, also = window(), system()
    topology_name(client, topology_id)
    return client.getTopologyPageInfo(topology_id, asked, also), asked, also
