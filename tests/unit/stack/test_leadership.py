"""A Nimbus that is up and leads nobody is started anew.

The answer that names nobody is what Storm 2.8.3 sent; the other two are made in its form.
"""

from __future__ import annotations

import socket
import struct
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from riverline_stack.leadership import LOOKS, NIMBUS, Leadership
from riverline_stack.supervision.processes import Recorded

HEAD = b"\x80\x01\x00\x02\x00\x00\x00\tgetLeader\x00\x00\x00\x00"
NOBODY = HEAD + b"\0"
LEADER = HEAD + b"\x0c\x00\x00\x0b\x00\x01\x00\x00\x00\t127.0.0.1\x00\x00"
REFUSED = (
    HEAD.replace(b"\x00\x02", b"\x00\x03", 1) + b"\x0b\x00\x01\x00\x00\x00\x0eInternal error\x08\x00\x02\0\0\0\6\0"
)
Serve = Callable[[list[bytes]], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A Nimbus that gives these answers, one a connection, at the address that comes back."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run(answers: list[bytes]) -> None:
        for answer in answers:
            connection, _ = listener.accept()
            with connection:
                (length,) = struct.unpack(">I", connection.recv(4, socket.MSG_WAITALL))
                assert b"getLeader" in connection.recv(length, socket.MSG_WAITALL)
                connection.sendall(struct.pack(">I", len(answer)) + answer)

    def begin(answers: list[bytes]) -> str:
        threading.Thread(target=run, args=(answers,), daemon=True).start()
        return f"127.0.0.1:{listener.getsockname()[1]}"

    yield begin
    listener.close()


@pytest.fixture
def nimbus(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that the home's notes name as Nimbus."""
    (tmp_path / "run").mkdir()
    process = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
    Recorded(process.pid, psutil.Process(process.pid).create_time()).write(tmp_path, NIMBUS)
    yield process
    process.kill()
    process.wait()


@pytest.mark.parametrize("answer", [NOBODY, REFUSED])
def test_a_nimbus_that_knows_no_leader_for_minutes_is_ended(
    answer: bytes, serve: Serve, nimbus: subprocess.Popen[bytes], tmp_path: Path
) -> None:
    leadership = Leadership(tmp_path, serve([answer] * LOOKS))
    for _ in range(LOOKS - 1):
        leadership.look()
    assert nimbus.poll() is None
    leadership.look()
    assert nimbus.wait(10) == -9


def test_one_that_leads_now_and_then_runs_on(serve: Serve, nimbus: subprocess.Popen[bytes], tmp_path: Path) -> None:
    answers = [*[NOBODY] * (LOOKS - 1), LEADER] * 3
    leadership = Leadership(tmp_path, serve(answers))
    for _ in answers:
        leadership.look()
    assert nimbus.poll() is None


def test_one_that_does_not_answer_is_left_to_the_supervisor(nimbus: subprocess.Popen[bytes], tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        address = f"127.0.0.1:{closed.getsockname()[1]}"
    leadership = Leadership(tmp_path, address)
    for _ in range(2 * LOOKS):
        leadership.look()
    assert nimbus.poll() is None
