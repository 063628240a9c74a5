"""Calls over the supervisor's socket: a server of its kind, in a home whose path is longer than an address may be."""

from __future__ import annotations

import os
import socketserver
import threading
from collections.abc import Iterator
from pathlib import Path
from xmlrpc.server import SimpleXMLRPCDispatcher, SimpleXMLRPCRequestHandler

import pytest

from riverline.adapters import supervisor
from riverline.errors import Transient


class Requests(SimpleXMLRPCRequestHandler):
    rpc_paths = ("/RPC2",)
    disable_nagle_algorithm = False

    def address_string(self) -> str:
        return "the socket"

    def log_message(self, *_: object) -> None:
        pass


class Server(socketserver.UnixStreamServer, SimpleXMLRPCDispatcher):
    logRequests = False
    _send_traceback_header = False

    def __init__(self, folder: Path) -> None:
        SimpleXMLRPCDispatcher.__init__(self)
        held = os.open(folder, os.O_PATH)
        socketserver.UnixStreamServer.__init__(self, f"/proc/self/fd/{held}/{supervisor.SOCKET}", Requests)
        os.close(held)
        self.register_function(lambda number: number + 1, "supervisor.next")


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    home = tmp_path / ("a folder with a long name" * 8)
    folder = supervisor.socket_of(home).parent
    folder.mkdir(parents=True)
    assert len(bytes(folder)) > 107
    with Server(folder) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield home
        server.shutdown()


def test_a_call_is_answered(home: Path) -> None:
    assert supervisor.call(home, "next", 1, timeout=10) == 2


def test_what_the_supervisor_refuses_is_a_fault(home: Path) -> None:
    with pytest.raises(supervisor.Fault):
        supervisor.call(home, "unknown", timeout=10)


def test_one_that_is_away_is_transient_and_leaves_nothing_open(tmp_path: Path) -> None:
    supervisor.socket_of(tmp_path).parent.mkdir()
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        with pytest.raises(Transient, match=r"supervisor\.sock"):
            supervisor.call(tmp_path, "next", 1, timeout=10)
    assert len(list(Path("/proc/self/fd").iterdir())) == before


def test_a_home_without_a_supervisor_is_transient(tmp_path: Path) -> None:
    with pytest.raises(Transient, match="does not answer"):
        supervisor.call(tmp_path, "next", 1, timeout=10)
