"""Which MySQL server is the primary: the one that a note in the home names, else the one that the settings name so.

The names of the programs and their addresses stay when the roles change.
"""

from __future__ import annotations

from pathlib import Path

from riverline.settings import Settings
from riverline_stack.servers.credentials import write_private

PRIMARY, REPLICA = "mysql-primary", "mysql-replica"


def servers(settings: Settings) -> dict[str, str]:
    """Name and address of each server. The local stack has one replica, at the first address that is set."""
    return dict(zip((PRIMARY, REPLICA), (settings.mysql.primary, *settings.mysql.replicas), strict=False))


def leader(settings: Settings) -> str:
    """The name of the server that is the primary now."""
    path = _note(settings)
    noted = path.read_text().strip() if path.is_file() else PRIMARY
    return noted if noted in servers(settings) else PRIMARY


def follower(settings: Settings) -> str:
    """The name of the other one."""
    return REPLICA if leader(settings) == PRIMARY else PRIMARY


def leader_address(settings: Settings) -> str:
    return servers(settings)[leader(settings)]


def follower_address(settings: Settings) -> str:
    return servers(settings)[follower(settings)]


def appoint(settings: Settings, name: str) -> None:
    """Notes that this server is the primary from now on."""
    path = _note(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    write_private(path, name + "\n")


def _note(settings: Settings) -> Path:
    return settings.home / "mysql" / "primary.name"
