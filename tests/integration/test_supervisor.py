"""The process supervisor rests when nothing happens, whatever happened at the start."""

from __future__ import annotations

import os
import signal
import stat
import time
import xmlrpc.client
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from riverline.adapters.supervisor import connected, socket_of
from riverline.settings import Settings
from riverline_stack.supervision import lifecycle
from riverline_stack.supervision.processes import Recorded
from riverline_stack.supervision.program import Program
from riverline_stack.supervision.supervise import NAME, Supervisor
from tests.support.stack import Told, until

OFFSET = 25_000  # ports of its own
WINDOW = 5.0  # seconds that are measured
SHARE = 0.02  # of a core, at most: it wakes once a second

CLOSES = Program("closes", ["sh", "-c", "exec <&-; exec sleep 1000"], ready=lambda: None)


@pytest.fixture
def settings(tmp_path: Path) -> Iterator[Settings]:
    own = Settings().shifted(OFFSET).placed(tmp_path)
    yield own
    lifecycle.down(own, [CLOSES], Told())


def start_request(name: str) -> bytes:
    """Tells the supervisor, byte by byte, to start a program."""
    body = xmlrpc.client.dumps((name, False), "supervisor.startProcess").encode()
    head = ("POST /RPC2 HTTP/1.0", "Content-Type: text/xml", f"Content-Length: {len(body)}")
    return "\r\n".join((*head, "", "")).encode() + body


def closes_its_input(settings: Settings) -> bool:
    """Whether the program runs, and has closed its standard input."""
    recorded = Recorded.read(settings.home, CLOSES.name)
    process = recorded.process() if recorded else None
    return bool(process) and not Path(f"/proc/{process.pid}/fd/0").exists()


def test_a_connection_that_closes_while_a_program_starts_leaves_the_supervisor_at_rest(settings: Settings) -> None:
    """Two connections end in the same turn of its loop in which a program is started: the program's pipes get their
    numbers. With the poller that supervisor has, it is busy from here on, for as long as the program runs."""
    lifecycle.begin(settings, [CLOSES], os.getpid())
    supervisor = psutil.Process(Recorded.read(settings.home, NAME).pid)
    gone, asking = [connected(settings.home, 20), connected(settings.home, 20)], connected(settings.home, 20)
    for _ in range(3):
        Supervisor(settings).states()  # the loop has turned: all three are accepted, and watched
    supervisor.send_signal(signal.SIGSTOP)
    for connection in gone:
        connection.close()
    asking.sendall(start_request(CLOSES.name))
    supervisor.send_signal(signal.SIGCONT)
    with asking:
        assert b"200 OK" in asking.recv(4096)
    assert until(lambda: closes_its_input(settings), 30)
    assert busy(supervisor) < SHARE


def test_nobody_but_the_owner_of_the_home_reaches_it(settings: Settings) -> None:
    """Another account may neither open the socket nor come as far, and no port leads to it."""
    lifecycle.begin(settings, [CLOSES], os.getpid())
    supervisor = psutil.Process(Recorded.read(settings.home, NAME).pid)
    way = [socket_of(settings.home), socket_of(settings.home).parent]
    assert [stat.S_IMODE(path.stat().st_mode) for path in way] == [0o700, 0o700]
    assert [entry for entry in supervisor.net_connections("inet") if entry.status == psutil.CONN_LISTEN] == []


def busy(process: psutil.Process) -> float:
    """Its share of a core, from now on."""
    began, before = time.monotonic(), process.cpu_times()
    time.sleep(WINDOW)
    after = process.cpu_times()
    return (after.user + after.system - before.user - before.system) / (time.monotonic() - began)


def test_a_program_is_started_with_the_settings_of_now_and_no_former_ones(settings: Settings) -> None:
    """The supervisor goes on when settings change, and its own environment is that of its beginning."""
    told = settings.home / "told"
    told.mkdir()
    shows = f"env >{told}/draft && mv {told}/draft {told}/$(cat {told}/next) && exec sleep 1000"
    program = Program("shows", ["sh", "-c", shows], ready=lambda: None)

    def started(name: str, contact: str) -> dict[str, str]:
        crawl = settings.crawl.model_copy(update={"contact": contact})
        own = settings.model_copy(update={"crawl": crawl})
        (told / "next").write_text(name)
        lifecycle.begin(own, [program], os.getpid())
        lifecycle.start(own, [program], Told())
        assert until((told / name).exists, 30)
        return dict(line.split("=", 1) for line in (told / name).read_text().splitlines() if "=" in line)

    first, second = started("first", "one@example.org"), started("second", "two@example.org")
    assert first["RIVERLINE_CRAWL__CONTACT"] == "one@example.org"
    assert second == first | {"RIVERLINE_CRAWL__CONTACT": "two@example.org"}
