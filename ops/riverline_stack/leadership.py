"""Ends a Nimbus that has reported for minutes that there is no leader; the supervisor starts a new one.

On a machine that is overloaded, Nimbus can lose its session with ZooKeeper and win the election again without being
registered among the nimbuses (seen with Storm 2.8.3): it assigns tasks, but `getLeader` names nobody, no client may
submit or rebalance, and that stays so until it is started anew. Workers run on meanwhile.
"""

from __future__ import annotations

import contextlib
import socket
import struct
from pathlib import Path

from riverline_stack.supervision.processes import Recorded

NIMBUS = "storm-nimbus"
LOOKS = 10  # in a row: with one each 30 s that is longer than any start, and than an election
SECONDS = 5.0  # for an answer
FRAME = 1 << 16  # bytes, more than the answer has
VERSION, CALL, REPLY = 0x8001_0000, 1, 2  # Thrift's strict binary protocol
METHOD = b"getLeader"
HEADER = 4 + 4 + len(METHOD) + 4  # version and kind, the method's name with its length, the number of the call


class Leadership:
    """Checks now and then whether a Nimbus leads. Written in bare Thrift, since the watch stays small."""

    def __init__(self, home: Path, address: str) -> None:
        self._home, self._address = home, address
        self._leaderless = 0

    def look(self) -> None:
        """One more look. A Nimbus that does not answer is no matter of this: it is starting, or the supervisor's."""
        answer = b""
        with contextlib.suppress(OSError):
            answer = _asked(self._address)
        self._leaderless = self._leaderless + 1 if answer and not names_a_leader(answer) else 0
        if self._leaderless >= LOOKS:
            self._leaderless = 0
            self._end()

    def _end(self) -> None:
        recorded = Recorded.read(self._home, NIMBUS)
        process = recorded.process() if recorded else None
        if process:
            print(f"Nimbus at {self._address} knows no leader: process {process.pid} is ended", flush=True)
            process.kill()


def names_a_leader(message: bytes) -> bool:
    """Whether an answer to `getLeader` has a result: a field of its struct, and not 0, the end of it."""
    return message[3:4] == bytes([REPLY]) and message[HEADER : HEADER + 1] not in (b"", b"\0")


def _asked(address: str) -> bytes:
    """The answer of Nimbus, or as much of it as tells. Raises OSError."""
    host, port = address.rsplit(":", 1)
    call = struct.pack(">II", VERSION | CALL, len(METHOD)) + METHOD + struct.pack(">I", 0) + b"\0"
    with socket.create_connection((host, int(port)), SECONDS) as connection:
        connection.sendall(struct.pack(">I", len(call)) + call)
        frame = b""
        while len(frame) <= 4 + HEADER and (more := connection.recv(FRAME)):
            frame += more
        return frame[4:]
