"""What another account of this machine gets from a port or a file: asked by a process of that account."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

ACCOUNT = 61_999  # that no program of the stack and no person has
SECONDS = 10

# Only the standard library of the system's Python: the account may read no checkout.
ASK = """
import socket, sys
host, port, sent = sys.argv[1], int(sys.argv[2]), bytes.fromhex(sys.argv[3])
try:
    with socket.create_connection((host, port), 5) as connection:
        connection.sendall(sent)
        connection.settimeout(5)
        print(connection.recv(65536).hex())
except OSError:
    print()
"""


def as_other_account(command: list[str], account: int = ACCOUNT) -> str:
    """What the command says when another account runs it, in no group but its own. Needs root."""
    if os.geteuid() != 0:
        pytest.skip("only root can be another account")
    other = ["setpriv", f"--reuid={account}", f"--regid={account}", "--clear-groups", "--inh-caps=-all", *command]
    run = subprocess.run(other, capture_output=True, text=True, cwd="/", env={"PATH": "/usr/bin:/bin"}, timeout=120)
    return run.stdout


def answer(address: str, sent: bytes, other: bool = True, account: int = ACCOUNT) -> bytes:
    """What comes back on a connection within some seconds; nothing where it is closed. `other`: not as this account,
    but as that one."""
    host, port = address.rsplit(":", 1)
    command = ["/usr/bin/python3", "-c", ASK, host, port, sent.hex()]
    said = (
        as_other_account(command, account)
        if other
        else subprocess.run(command, capture_output=True, text=True, timeout=30).stdout
    )
    return bytes.fromhex(said.strip())


def readable(folder: Path) -> list[str]:
    """The files below a folder that the other account can read, and the folders that it can list or write to."""
    kinds = ["(", "-type", "f", "-readable", ")", "-o", "(", "-type", "d", "-writable", ")"]
    return as_other_account(["find", str(folder), *kinds]).splitlines()
