"""A minimal machine: its name is known to nobody, and nothing is reachable but its own loopback.

`bare(command, hosts)` runs a command on one, in namespaces of its own (root alone may make them).
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

NAME = "bare-host"
ONLY_LOCALHOST = "127.0.0.1 localhost\n"
NOTHING = ""

# What a fresh machine has: a name, loopback, and files that know neither of the name nor of a server that might.
ENTER = f"""hostname {NAME}
ip link set lo up
mount --bind "$1" /etc/hosts
mount --bind /dev/null /etc/resolv.conf
shift
exec "$@"
"""


def possible() -> bool:
    """Whether this user may make such namespaces here."""
    trial = ["unshare", "--uts", "--mount", "--net", "true"]
    tools = all(shutil.which(tool) for tool in ("unshare", "ip", "mount"))
    return os.geteuid() == 0 and tools and subprocess.run(trial, capture_output=True).returncode == 0


def bare(
    command: list[str], hosts: str, key_value: Path, environment: Mapping[str, str], seconds: float
) -> subprocess.CompletedProcess[str]:
    """The command's end; `hosts` is the text of its /etc/hosts, and `key_value` a folder for it."""
    file = key_value / "hosts"
    file.write_text(hosts)
    inside = ["unshare", "--uts", "--mount", "--net", "sh", "-ec", ENTER, "sh", str(file), *command]
    return subprocess.run(inside, env=dict(environment), capture_output=True, text=True, timeout=seconds)
