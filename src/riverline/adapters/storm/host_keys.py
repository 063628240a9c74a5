"""Which hosts streamparse may work on over SSH: those whose key the operator knows."""

from __future__ import annotations

from pathlib import Path


def require_known_hosts(file: Path) -> None:
    """From now on Fabric, through which streamparse makes virtualenvs on the workers' hosts, refuses a host whose key
    is not in the file, as OpenSSH writes it, and one with another key.

    streamparse itself tells it to look at no file and to accept every host; this is what it looks at beside.
    """
    from fabric.state import env  # a large package: only who submits waits for it

    env.reject_unknown_hosts = True
    env.system_known_hosts = str(file) if file.is_file() else None
