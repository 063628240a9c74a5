"""What another account of this machine gets from a port or a file: asked by a process of that account."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterable, Sequence
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

# Each conversation is a connection of its own, all at once. An answer is null where the connection is closed instead.
TALK = """
import json, socket, sys
from concurrent.futures import ThreadPoolExecutor
def talk(conversation):
    (host, port), sent = conversation
    answers = []
    try:
        with socket.create_connection((host, port), 10) as connection:
            connection.settimeout(SECONDS)
            for message in sent:
                connection.sendall(bytes.fromhex(message))
                try:
                    answers.append(connection.recv(65536).hex() or None)
                except TimeoutError:
                    answers.append("")
    except OSError:
        pass
    return (answers + [None] * len(sent))[:len(sent)]
with ThreadPoolExecutor(16) as pool:
    print(json.dumps(list(pool.map(talk, json.load(sys.stdin)))))
""".replace("SECONDS", str(SECONDS))

# What of these can be read, written to (of a folder: a file made in it), or, being a socket, connected to.
TRY_FILES = """
import json, os, socket, stat, sys
def holds(path):
    try:
        if stat.S_ISSOCK(os.stat(path).st_mode):
            with socket.socket(socket.AF_UNIX) as one:
                one.connect(path)
                return True
        if os.path.isdir(path):
            return os.access(path, os.W_OK | os.X_OK)
        return os.access(path, os.R_OK) or os.access(path, os.W_OK)
    except OSError:
        return False
print(json.dumps([path for path in json.load(sys.stdin) if holds(path)]))
"""


def as_other_account(command: list[str], account: int = ACCOUNT, told: str = "") -> str:
    """What the command says when another account runs it, in no group but its own, with `told` on its standard input.
    Needs root."""
    if os.geteuid() != 0:
        pytest.skip("only root can be another account")
    other = ["setpriv", f"--reuid={account}", f"--regid={account}", "--clear-groups", "--inh-caps=-all", *command]
    environment = {"PATH": "/usr/bin:/bin"}
    run = subprocess.run(other, input=told, capture_output=True, text=True, cwd="/", env=environment, timeout=300)
    return run.stdout


Conversation = tuple[str, Sequence[bytes]]  # with an address: what is sent there, each after an answer to the last


def talked(conversations: Iterable[Conversation], other: bool = True) -> list[list[bytes | None]]:
    """The answers to each message: nothing where none came within some seconds, None where the connection is closed
    then. `other`: not as this account, but as another one."""
    asked = []
    for address, sent in conversations:
        host, port = address.rsplit(":", 1)
        asked.append([[host, int(port)], [message.hex() for message in sent]])
    command, told = ["/usr/bin/python3", "-c", TALK], json.dumps(asked)
    if other:
        said = as_other_account(command, told=told)
    else:
        said = subprocess.run(command, input=told, capture_output=True, text=True, timeout=300, check=True).stdout
    return [[None if each is None else bytes.fromhex(each) for each in answers] for answers in json.loads(said)]


def reached(paths: Iterable[Path]) -> list[Path]:
    """Those of the files, folders and sockets that another account can read, write to or connect to."""
    said = as_other_account(["/usr/bin/python3", "-c", TRY_FILES], told=json.dumps([*map(str, paths)]))
    return [Path(path) for path in json.loads(said)]


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
