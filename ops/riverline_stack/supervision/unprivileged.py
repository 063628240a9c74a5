"""Servers that refuse to run as root run as `nobody`; where the user is not root already, as the user itself.

Homes and caches of root lie below folders that only root may enter (`/root` has mode 700). The process then keeps one
capability, to pass through closed folders and read what lies below them, and nothing else of root.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import stat
from collections.abc import Sequence
from pathlib import Path

USER = "nobody"
READ_ALL, WRITE_ALL = 2, 1  # bits of CAP_DAC_READ_SEARCH and CAP_DAC_OVERRIDE, capabilities(7)
SET_SECUREBITS = 8  # CAP_SETPCAP


def unprivileged(command: list[str], own: Sequence[Path], reads: Sequence[Path] = ()) -> list[str]:
    """The command that runs `command` without root's rights, under the same process id.

    `own` are folders that it writes: they are made, and given to `nobody` with all they hold. `reads` are paths that it
    only reads. As a user other than root the command comes back as it is.
    """
    for folder in own:
        folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return command
    account = pwd.getpwnam(USER)
    for folder in own:
        _give(folder, account.pw_uid, account.pw_gid)
    needed = any(closed(path) for path in (*(folder.parent for folder in own), *reads))
    who = [f"--reuid={account.pw_uid}", f"--regid={account.pw_gid}", "--clear-groups"]
    switch = ["setpriv", *who, "--no-new-privs"]  # no program with a set-user-id bit gives them back
    return [*switch, *(capability_options(_permitted()) if needed else []), "--", *command]


def closed(path: Path) -> bool:
    """Whether the path, or a folder on the way to it, keeps other users out."""
    way = (path.absolute(), *path.absolute().parents)
    return any(folder.is_dir() and not folder.stat().st_mode & stat.S_IXOTH for folder in way)


def capability_options(permitted: int) -> list[str]:
    """setpriv's options for passing closed folders; nothing where root itself lacks the capability.

    `permitted` is the bit set of CapPrm in /proc/PID/status. The secure bit lets access(2) count the capability
    too: else programs that ask before they open are refused.
    """
    held = [name for bit, name in ((READ_ALL, "dac_read_search"), (WRITE_ALL, "dac_override")) if permitted >> bit & 1]
    if not held:
        return []
    secure = ["--securebits=+no_setuid_fixup"] if permitted >> SET_SECUREBITS & 1 else []
    return [*secure, f"--inh-caps=+{held[0]}", f"--ambient-caps=+{held[0]}"]


def _permitted() -> int:
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("CapPrm:")), 16)


def _give(folder: Path, uid: int, gid: int) -> None:
    for parent, folders, files in os.walk(folder):
        for path in (Path(parent), *(Path(parent) / name for name in (*folders, *files))):
            with contextlib.suppress(FileNotFoundError):  # a running server removes files meanwhile
                if path.lstat().st_uid != uid:
                    os.chown(path, uid, gid, follow_symlinks=False)
