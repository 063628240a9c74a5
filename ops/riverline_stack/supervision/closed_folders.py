"""Ways for an account to reach what lies below folders that only root may enter (`/root` has mode 700).

By a view: the program gets a file system of its own, in which that folder holds nothing but what the program needs.
Where root may not mount, by a capability to read every file.
"""

from __future__ import annotations

import shlex
import stat
from collections.abc import Iterable, Sequence
from pathlib import Path

READ_ALL, WRITE_ALL = 2, 1  # bits of CAP_DAC_READ_SEARCH and CAP_DAC_OVERRIDE, capabilities(7)
SET_SECUREBITS = 8  # CAP_SETPCAP


def closed(path: Path) -> bool:
    """Whether the path, or a folder on the way to it, keeps other users out."""
    way = (path.absolute(), *path.absolute().parents)
    return any(folder.is_dir() and not folder.stat().st_mode & stat.S_IXOTH for folder in way)


def view(paths: Sequence[Path]) -> list[str]:
    """What a command begins with to see these paths although folders above them are closed; nothing where none is."""
    wanted = sorted({form for path in paths for form in (path.absolute(), path.resolve())})
    doors = {door: [path for path in wanted if door in path.parents] for door in filter(None, map(_door, wanted))}
    if not doors:
        return []
    steps = ["umask 066"]
    for door, inside in doors.items():
        steps += _opened(door, [path for path in inside if not set(path.parents) & set(inside)])
    script = f'({" && ".join(steps)}) && cd "$PWD" && exec "$@"'
    return ["unshare", "--mount", "--propagation=slave", "--", "sh", "-c", script, "sh"]


def _door(path: Path) -> Path | None:
    """The uppermost folder on the way to the path that keeps others out."""
    return next((folder for folder in reversed(path.parents) if closed(folder)), None)


def _opened(door: Path, inside: Iterable[Path]) -> list[str]:
    """Lays an empty folder over the closed one, and the paths into it. The old one is still there as the shell's."""
    empty = "mount -t tmpfs -o mode=0711,nosuid,nodev riverline"
    steps = [f"cd {shlex.quote(str(door))}", f"{empty} {shlex.quote(str(door))}"]
    for path in inside:
        place, source = shlex.quote(str(path)), shlex.quote(f"./{path.relative_to(door)}")
        made = f"mkdir -p {place}" if path.is_dir() else f"mkdir -p {shlex.quote(str(path.parent))} && touch {place}"
        steps += [made, f"mount --no-canonicalize --rbind {source} {place}"]
    return steps


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


def permitted() -> int:
    """What this process may do, as `capability_options` takes it."""
    status = Path("/proc/self/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("CapPrm:")), 16)
