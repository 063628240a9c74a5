"""Runs a MySQL server of several hosts so that two of them never take writes: `python -m
riverline_stack.servers.mysql_guard NAME COMMAND...`.

The server starts without taking writes, and its guard looks every second:

- It takes writes once it is the primary, its host reaches most hosts with a Kafka broker (who is cut off does not), and
  the other server takes none. Whoever else took the writes from it has a reason, and gives them back.
- It takes no writes any more after `LEASE` seconds without most of them, and its clients are sent away before. A commit
  waits longer than that for the replica (`COMMITS_WAIT`): what a server that is cut off has answered, its replica has.
- Where the other one takes writes, because it was promoted meanwhile, this one is the replica from then on.

So a promotion without the primary waits for `LEASE` to be over, and needs no way to the host that is cut off. With
brokers on fewer than three hosts nobody can be told from a cut off, and the first rule alone holds.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

from riverline.errors import RiverlineError, Transient
from riverline.settings import Settings
from riverline_stack.servers import replication, roles
from riverline_stack.servers.addresses import host_of, port_of

LOOK = 1.0  # seconds between two looks, and for a host's answer
LEASE = 5.0  # seconds that a primary goes on without most hosts
COMMITS_WAIT = 10.0  # seconds that a commit waits for the replica; more than LEASE and two looks
OPEN, FENCE, FOLLOW, STAY = "takes writes", "takes no writes", "follows", "stays"
CLASH = "takes writes, and so does the other one: fence one of them by hand"


@dataclass(frozen=True)
class WriteView:
    """What a guard knows. `held`: it is the guard itself that keeps its server from writes; `other_writes` is None
    while the other server does not answer; `alone`: for so many seconds most hosts were not reached."""

    leads: bool
    held: bool
    writes: bool
    other_writes: bool | None
    alone: float


def decided(seen: WriteView) -> str:
    """What is to be done."""
    if seen.writes:
        if seen.alone > LEASE or (seen.other_writes and not seen.leads):
            return FENCE
        return CLASH if seen.other_writes else STAY
    if seen.other_writes:
        return FOLLOW if seen.leads else STAY
    return OPEN if seen.leads and seen.held and not seen.alone else STAY


@dataclass
class WriteGuard:
    """Of the server with that name."""

    settings: Settings
    name: str
    since: float | None = None  # when most hosts were not reached first
    held: bool = True

    def __post_init__(self) -> None:
        addresses = roles.servers(self.settings)
        self.other_name = next(name for name in addresses if name != self.name)
        self.other = addresses[self.other_name]
        self.witnesses = witnesses(self.settings)

    def look(self) -> str:
        """Does what is to be done, and says what that was. Raises Transient while its server does not answer."""
        alone = self._alone()
        leads, other = roles.leader(self.settings) == self.name, self._other_writes()
        with self._administering() as cursor:
            done = decided(WriteView(leads, self.held, _takes_writes(cursor), other, alone))
            if done == OPEN:
                cursor.execute("SET GLOBAL read_only = 0")
                self.held = False
            elif done == FENCE:
                fence(self.settings, cursor)
                self.held = True
        if done == FOLLOW:
            self._follow()
        return done

    def _alone(self) -> float:
        now = time.monotonic()
        if reaches_most(self.witnesses):
            self.since = None
            return 0.0
        self.since = self.since or now
        return max(now - self.since, LOOK)

    def _administering(self) -> AbstractContextManager[Any]:
        """By the server's socket: a host that is cut off may have lost its address."""
        path = replication.folder(self.settings, self.name) / "data" / "server.sock"
        return replication.administering(self.settings, str(path), COMMITS_WAIT * 2)

    def _other_writes(self) -> bool | None:
        try:
            with replication.administering(self.settings, self.other, LOOK, connecting=LOOK) as cursor:
                return _takes_writes(cursor)
        except Transient:
            return None

    def _follow(self) -> None:
        """From where its own history ends: a server with writes that the other lacks does not get far, and says so."""
        roles.appoint(self.settings, self.other_name)
        with self._administering() as cursor:
            cursor.execute("SET GLOBAL rpl_semi_sync_master_enabled = 0")
            cursor.execute("SET GLOBAL rpl_semi_sync_slave_enabled = 1")
            cursor.execute("SELECT @@gtid_binlog_pos AS position")
            position = str(cursor.fetchone()["position"])
        if not replication.follow(self.settings, position):
            say(f"{self.name} has writes that the new primary lacks: stop it, empty its folder, and start it again")


def fence(settings: Settings, cursor: Any) -> None:
    """No write of an application is answered after this. Their connections go first: a commit that waits for the
    replica holds up the rest, and is not answered any more."""
    for statement in (*_partings(settings), "SET GLOBAL read_only = 1", *_partings(settings)):
        cursor.execute(statement)


def _takes_writes(cursor: Any) -> bool:
    cursor.execute("SELECT @@read_only AS fenced")
    return not cursor.fetchone()["fenced"]


def _partings(settings: Settings) -> list[str]:
    return [f"KILL USER '{settings.mysql.user}'@'{client}'" for client in settings.mysql.clients]


def witnesses(settings: Settings) -> dict[str, str]:
    """The hosts with a Kafka broker, with an address of each."""
    return {host_of(each): each for each in settings.kafka.bootstrap}


def reaches_most(hosts: dict[str, str]) -> bool:
    """Whether most hosts answer; where there are fewer than three, always."""
    if len(hosts) < 3:
        return True
    with ThreadPoolExecutor(len(hosts)) as pool:
        return sum(pool.map(answers, hosts.values())) * 2 > len(hosts)


def answers(address: str) -> bool:
    """Whether its host answers, be it that nothing listens there."""
    try:
        socket.create_connection((host_of(address), port_of(address)), timeout=LOOK).close()
    except ConnectionRefusedError:
        return True
    except OSError:
        return False
    return True


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> int:
    """Starts the server and looks after it until it ends: its exit code."""
    guard = WriteGuard(Settings.load(), sys.argv[1])
    server = subprocess.Popen(sys.argv[2:])

    def end(number: int, _: Any) -> None:
        server.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, end)
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return server.wait(LOOK)
        try:
            done = guard.look()
        except RiverlineError as error:
            done = str(error) if not isinstance(error, Transient) else STAY  # it is starting, or busy
        if done != STAY:
            say(f"{guard.name}: {done}")


if __name__ == "__main__":
    sys.exit(main())
