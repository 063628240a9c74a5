"""The watch tells how programs are, and makes a backup for who may not."""

from __future__ import annotations

import os
import socketserver
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xmlrpc.server import SimpleXMLRPCDispatcher, SimpleXMLRPCRequestHandler

import pytest

from riverline.adapters import backup_wish, program_states, supervisor
from riverline.errors import Transient
from riverline_stack.supervision.errands import Errands
from tests.support.stack import until

INFO = {"name": "api", "statename": "RUNNING", "start": 17, "pid": 4, "logfile": "/secret/place", "spawnerr": ""}


class Handler(SimpleXMLRPCRequestHandler):
    disable_nagle_algorithm = False

    def log_message(self, *_: object) -> None:
        pass


class Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer, SimpleXMLRPCDispatcher):
    logRequests = False
    daemon_threads = True

    def __init__(self, path: Path) -> None:
        SimpleXMLRPCDispatcher.__init__(self)
        socketserver.UnixStreamServer.__init__(self, str(path), Handler)

    def get_request(self) -> tuple[Any, Any]:
        return super().get_request()[0], ("local", 0)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """With a supervisor that knows one program."""
    for name in ("run", "celery", program_states.FOLDER):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "run")  # an address of a socket has few bytes
    with Server(Path(supervisor.SOCKET)) as server:
        server.register_function(lambda: [INFO], "supervisor.getAllProcessInfo")
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield tmp_path
        server.shutdown()


def command(home: Path, seconds: float = 0) -> tuple[str, ...]:
    """In a backup's place: it notes that it was started, and takes its time."""
    note = f"import pathlib, time; pathlib.Path({str(home)!r}, 'made').open('a').write('x'); time.sleep({seconds})"
    return sys.executable, "-c", note


def test_it_tells_of_each_program_its_name_its_state_and_since_when_and_no_more(home: Path) -> None:
    Errands(home, command(home)).look()
    assert program_states.read(home) == [{"name": "api", "statename": "RUNNING", "start": 17}]


def test_nobody_wished_for_a_backup(home: Path) -> None:
    errands = Errands(home, command(home))
    errands.look()
    errands.look()
    assert not (home / "made").exists()


def test_of_wishes_while_a_backup_is_made_one_is_fulfilled_after_it(home: Path) -> None:
    errands = Errands(home, command(home, 0.5))
    for _ in range(3):
        backup_wish.leave(home)
        errands.look()
    assert until((home / "made").exists, 10)

    def both() -> bool:
        errands.look()
        return (home / "made").read_text() == "xx"

    assert until(both, 20)
    assert not backup_wish.taken(home)


def test_what_is_told_grows_old(home: Path) -> None:
    with pytest.raises(Transient, match="nothing is known"):
        program_states.read(home)
    Errands(home, command(home)).look()
    then = program_states.folder(home) / "states.json"
    os.utime(then, (then.stat().st_atime, then.stat().st_mtime - program_states.STALE - 1))
    with pytest.raises(Transient, match="s old"):
        program_states.read(home)


def test_without_a_supervisor_nothing_is_told(tmp_path: Path) -> None:
    Errands(tmp_path, command(tmp_path)).look()
    assert list(tmp_path.iterdir()) == []


def test_who_owns_the_home_makes_backups_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert not backup_wish.is_needed(tmp_path)
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 61_000)
    assert backup_wish.is_needed(tmp_path)
