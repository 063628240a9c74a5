"""Makes the replica the primary, and the primary the replica.

In order: the old primary takes no writes any more, its clients are sent away, the replica catches up, and only then
takes writes itself: nothing that was acknowledged is lost. The applications look for the server that takes writes
(`riverline.adapters.mysql.database`), so they need not be told. With a dead primary there is nothing to wait for but
what the replica has received: see docs/how-to/recover.md for what that can lack.

Where a step fails, what was done before is undone, or the error says which server takes writes and what is left to do.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from riverline.errors import Fatal, Invalid, RiverlineError, Transient
from riverline.retry import retried
from riverline.settings import Settings
from riverline_stack.servers import mysql_guard, roles
from riverline_stack.servers.mysql import configure
from riverline_stack.servers.replication import (
    ANSWER,
    administering,
    answers,
    follow,
    refill,
    state_of,
    trouble,
    wait_until_answering,
)
from riverline_stack.supervision.program import ProcessControl
from riverline_stack.supervision.run_one import ExternallySupervised

CATCH_UP = 30.0  # seconds in which the replica must have what the primary wrote
REJOIN = 60.0  # seconds in which a former primary must answer again
LOCK_WAIT = 10  # seconds that transactions get to end
UNDOING = 15.0  # seconds in which what was done before a failure is tried to be undone
FENCE = "SET GLOBAL read_only = 1"
FOLLOWING = (
    FENCE,
    "SET GLOBAL rpl_semi_sync_master_enabled = 0",
    "SET GLOBAL rpl_semi_sync_slave_enabled = 1",
)

Say = Callable[[str], None]


@dataclass(frozen=True)
class Promoted:
    """What was done. `paused`: seconds without a primary; `rejoined`: why not, or nothing when the old one follows."""

    primary: str
    former: str
    position: str
    paused: float
    rejoined: str


class LeaseOver(ExternallySupervised):
    """Of several hosts: a primary that does not answer is not killed but waited for, until its guard has fenced it."""

    def __init__(self, settings: Settings) -> None:
        self._witnesses = mysql_guard.witnesses(settings)

    def kill(self, name: str) -> None:
        if not mysql_guard.reaches_most(self._witnesses):
            raise Invalid(f"this host is cut off from most hosts, and {name} may be well: promote from there")
        time.sleep(mysql_guard.LEASE + mysql_guard.COMMITS_WAIT)


def promote(settings: Settings, switch: ProcessControl, say: Say, dead: bool = False) -> Promoted:
    """`dead`: the primary does not answer and is not waited for. Raises Invalid where the servers do not allow it."""
    old, new = roles.leader(settings), roles.follower(settings)
    if new not in roles.servers(settings):
        raise Invalid("there is no replica that could be promoted")
    began = time.monotonic()
    position = _received(settings, switch) if dead else _handed_over(settings, say)
    with _undone(say, lambda: _taken_back(settings, old, new, dead)):
        roles.appoint(settings, new)
        for name in (old, new):
            configure(settings, name)
        _crown(settings)
    paused = time.monotonic() - began
    say(f"{new} at {roles.leader_address(settings)} takes writes, after {paused:.1f} s without a primary")
    guarded = dead and settings.stack.host  # its own guard makes it follow, once it is back
    rejoined = "" if guarded else _rejoin(settings, switch, position, dead)
    return Promoted(roles.leader_address(settings), roles.follower_address(settings), position, paused, rejoined)


@contextlib.contextmanager
def _undone(say: Say, undo: Callable[[], str]) -> Iterator[None]:
    """After a failure, be it an interruption by hand: `undo` says in what state the servers are then."""
    try:
        yield
    except RiverlineError as error:
        raise type(error)(f"{error}; {undo()}") from error
    except BaseException:
        say(undo())
        raise


def _handed_over(settings: Settings, say: Say) -> str:
    """Fences the primary, and waits until the replica has all of it: the position of its last write."""
    _refuse_unfit(settings)
    name = roles.leader(settings)
    with _undone(say, lambda: _opened(settings, name)):
        position = _fence(settings)
        say(f"{name} no longer takes writes, at {position or 'its beginning'}")
        _wait_for(settings, position)
    return position


def _opened(settings: Settings, name: str) -> str:
    """Lets a server take writes, over a connection of its own, since another one may be what failed."""
    statement = "SET GLOBAL read_only = 0"

    def tell() -> None:
        with administering(settings, roles.servers(settings)[name], ANSWER) as cursor:
            cursor.execute(statement)

    try:
        retried(tell, pause=0.5, seconds=UNDOING)
    except Transient as error:
        return f"{name} may not take writes until it is restarted, or told to: {statement} ({error})"
    return f"{name} takes writes again"


def _taken_back(settings: Settings, old: str, new: str, dead: bool) -> str:
    """The roles as they were, where it is certain that the new primary takes no writes."""
    left = f"{new} is noted as the primary, and takes writes after its next start at the latest; {old} takes none"
    try:
        with administering(settings, roles.servers(settings)[new], ANSWER) as cursor:
            cursor.execute(FENCE)
        roles.appoint(settings, old)
        for name in (old, new):
            configure(settings, name)
    except (RiverlineError, OSError) as error:
        return f"{left} ({error})"
    if dead:
        return f"{new} is still the replica; {old} is stopped"
    opened = _opened(settings, old)
    with contextlib.suppress(RiverlineError):
        _demote(settings)
    with contextlib.suppress(RiverlineError):
        if follow(settings, None):
            return opened
    return f"{opened}; {new} does not follow it yet: riverline stack up tries again"


def _refuse_unfit(settings: Settings) -> None:
    with administering(settings, roles.follower_address(settings)) as cursor:
        state = state_of(cursor)
    if problem := trouble(state):
        raise Invalid(f"{roles.follower(settings)} cannot be promoted: {problem}")
    behind = state["Seconds_Behind_Master"]
    if behind is None or behind > CATCH_UP:
        raise Invalid(f"{roles.follower(settings)} is {behind} s behind: writes would wait too long")


def _fence(settings: Settings) -> str:
    """No commit of an application after this, and no connection of one that could still believe otherwise."""
    with administering(settings, roles.leader_address(settings)) as cursor:
        cursor.execute("SET SESSION lock_wait_timeout = %s", (LOCK_WAIT,))
        cursor.execute(FENCE)
        for client in settings.mysql.clients:
            cursor.execute(f"KILL USER '{settings.mysql.user}'@'{client}'")
        cursor.execute("SELECT @@gtid_binlog_pos AS position")
        return str(cursor.fetchone()["position"])


def _wait_for(settings: Settings, position: str) -> None:
    with administering(settings, roles.follower_address(settings)) as cursor:
        cursor.execute("SELECT MASTER_GTID_WAIT(%s, %s) AS missed", (position, CATCH_UP))
        if cursor.fetchone()["missed"] != 0:
            raise Transient(f"the replica did not catch up within {CATCH_UP:.0f} s")


def _received(settings: Settings, switch: ProcessControl) -> str:
    """Waits until the replica has applied all that reached it: the position of that. The dead primary stays down."""
    _refuse_living(settings)
    switch.kill(roles.leader(settings))  # or it would come back as a second primary
    deadline = time.monotonic() + CATCH_UP
    with administering(settings, roles.follower_address(settings)) as cursor:
        while True:
            state = state_of(cursor)
            cursor.execute("SELECT @@gtid_slave_pos AS position")
            applied = str(cursor.fetchone()["position"])
            if not state or set(applied.split(",")) >= set(filter(None, state["Gtid_IO_Pos"].split(","))):
                return applied
            if time.monotonic() > deadline:
                raise Transient(
                    f"the replica does not apply what it has received: {state['Last_SQL_Error'] or applied}"
                )
            time.sleep(0.1)


def _refuse_living(settings: Settings) -> None:
    try:
        answers(settings, roles.leader_address(settings))
    except Transient:
        return
    raise Invalid(f"{roles.leader(settings)} still answers: promote without --dead")


def _crown(settings: Settings) -> None:
    with administering(settings, roles.leader_address(settings)) as cursor:
        for statement in (
            "STOP SLAVE",
            "RESET SLAVE ALL",
            "SET GLOBAL rpl_semi_sync_slave_enabled = 0",
            "SET GLOBAL rpl_semi_sync_master_enabled = 1",
            "SET GLOBAL read_only = 0",
        ):
            cursor.execute(statement)


def _rejoin(settings: Settings, switch: ProcessControl, position: str, dead: bool) -> str:
    """Makes the former primary follow. Why it does not, or nothing: the promotion stands either way."""
    name = roles.follower(settings)
    try:
        if dead:
            switch.start(name)
            wait_until_answering(settings, roles.follower_address(settings), REJOIN)
        if not follow(settings, _demote(settings)):
            refill(settings, switch, keep=True)
    except (Transient, Fatal) as error:
        return f"{name} does not follow yet: {error}; riverline stack up tries again"
    return ""


def _demote(settings: Settings) -> str:
    """Demotes the server that is to follow, and returns its position."""
    with administering(settings, roles.follower_address(settings)) as cursor:
        for statement in (*FOLLOWING, "SELECT @@gtid_binlog_pos AS position"):
            cursor.execute(statement)
        return str(cursor.fetchone()["position"])
