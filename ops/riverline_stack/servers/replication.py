"""Replication from the primary: set up, watched, and rebuilt from a backup when it cannot be repaired."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
from pymysql.cursors import DictCursor

from riverline.adapters.mysql.server import encryption, refusals_explained
from riverline.errors import Fatal, Transient
from riverline.retry import retried
from riverline.secret_files import AUTHORITY_FILE
from riverline.settings import Settings
from riverline_stack.servers.addresses import host_of, is_here, port_of
from riverline_stack.servers.credentials import credential, write_private
from riverline_stack.servers.roles import follower, follower_address, leader, leader_address
from riverline_stack.supervision.program import ProcessControl

ADMIN, REPLICATION = "riverline_admin", "riverline_replication"
ANSWER = 5.0  # seconds in which a server that is well has answered a simple question
LONGEST = 60.0  # seconds that any answer may take: a promotion waits for 30 s of replication
PATIENCE = 20.0  # seconds in which replication must run after it was started
PLAIN, ENCRYPTED = "MASTER_SSL = 0", "MASTER_SSL = 1, MASTER_SSL_CA = %s, MASTER_SSL_VERIFY_SERVER_CERT = 1"
BINARY_LOG_NOTES = ("mariadb_backup_binlog_info", "xtrabackup_binlog_info")  # newer and older name


def folder(settings: Settings, name: str) -> Path:
    return settings.home / "mysql" / name.removeprefix("mysql-")


@contextlib.contextmanager
def administering(
    settings: Settings, address: str, seconds: float = LONGEST, connecting: float = ANSWER
) -> Iterator[Any]:
    """A cursor with all rights at a server, which has so many seconds for each answer; on its own host also by the path
    of its socket, for its own account. Raises Transient when it is away, and when it takes the connection and says
    nothing."""
    who: dict[str, Any] = {"user": ADMIN, "password": credential(settings, "mysql-admin")}
    if address.startswith("/"):
        who = {"user": pwd.getpwuid(os.geteuid()).pw_name, "unix_socket": address}
    else:
        who |= {"host": host_of(address), "port": port_of(address), **encryption(settings.mysql)}
    try:
        with refusals_explained(settings.mysql.ca_file):
            connection = pymysql.connect(**who, connect_timeout=connecting, read_timeout=seconds, autocommit=True)
    except pymysql.MySQLError as error:
        raise Transient(f"MySQL on {address}: {error.args[-1]}") from error
    with connection, connection.cursor(DictCursor) as cursor:
        try:
            yield cursor
        except pymysql.MySQLError as error:
            raise Transient(f"MySQL on {address}: {error.args[-1]}") from error


def answers(settings: Settings, address: str) -> None:
    """Ready when it answers a query. Raises Transient."""
    with administering(settings, address, ANSWER) as cursor:
        cursor.execute("SELECT 1")


def replicates(settings: Settings, address: str) -> None:
    """Healthy when both threads of the replication run. Raises Transient with the server's reason."""
    with administering(settings, address, ANSWER) as cursor:
        if problem := trouble(state_of(cursor)):
            raise Transient(problem)


def trouble(state: dict[str, Any]) -> str:
    """What is wrong with the replication, by the row of SHOW SLAVE STATUS; empty when nothing is."""
    if not state:
        return "replication is not set up"
    if state["Slave_IO_Running"] == "Yes" and state["Slave_SQL_Running"] == "Yes":
        return ""
    said = state["Last_SQL_Error"] or state["Last_IO_Error"] or "its threads are starting"
    return f"replication is not running: {said}"


def join(settings: Settings, switch: ProcessControl) -> None:
    """Makes the replica follow the primary; fills it from a copy of the primary when it cannot."""
    with contextlib.suppress(Transient):
        if follow(settings, None):
            return
    refill(settings, switch)


def refill(settings: Settings, switch: ProcessControl, keep: bool = False) -> None:
    """Fills the replica from a copy of the primary, and makes it follow. What it held is kept beside, if asked for."""
    if not follow(settings, _refill(settings, switch, keep)):
        replicates(settings, follower_address(settings))


def follow(settings: Settings, position: str | None) -> bool:
    """Starts replication, from a position in the primary's history where one is given. False when it does not run."""
    address, primary = follower_address(settings), leader_address(settings)
    source = (host_of(primary), port_of(primary), REPLICATION, credential(settings, "mysql-replication"))
    with administering(settings, address) as cursor:
        if position is None and not trouble(state_of(cursor)):
            return True
        cursor.execute("STOP SLAVE")
        if position is not None:
            cursor.execute("SET GLOBAL gtid_slave_pos = %s", (position,))
        cursor.execute(
            "CHANGE MASTER TO MASTER_HOST = %s, MASTER_PORT = %s, MASTER_USER = %s, MASTER_PASSWORD = %s, "
            f"MASTER_CONNECT_RETRY = 1, MASTER_USE_GTID = slave_pos, {ENCRYPTED if settings.mysql.tls else PLAIN}",
            (*source, _authority(settings)) if settings.mysql.tls else source,
        )
        cursor.execute("START SLAVE")
        return _runs_soon(cursor)


def _authority(settings: Settings) -> str:
    """With what the replica checks the primary's certificate: its own copy, where the stack has made it."""
    own = folder(settings, follower(settings)) / AUTHORITY_FILE
    return str(own if own.exists() else settings.mysql.ca_file or "")


def _runs_soon(cursor: Any) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        state = state_of(cursor)
        if not trouble(state):
            return True
        if state.get("Last_SQL_Error"):
            return False
        time.sleep(0.1)
    return False


def state_of(cursor: Any) -> dict[str, Any]:
    """The row of SHOW SLAVE STATUS; empty at a server that follows nobody."""
    cursor.execute("SHOW SLAVE STATUS")
    return cursor.fetchone() or {}


def _refill(settings: Settings, switch: ProcessControl, keep: bool) -> str:
    """Replaces the replica's data by a consistent copy of the primary's: the position of the copy in its history."""
    name = follower(settings)
    home, draft = folder(settings, name), folder(settings, name) / "data.draft"
    shutil.rmtree(draft, ignore_errors=True)
    copy(settings, home / "backup.cnf", draft)
    position = position_of(draft)
    switch.stop(name)
    put_data(home, draft, keep)
    switch.start(name)
    wait_until_answering(settings, follower_address(settings))
    return position


def put_data(home: Path, draft: Path, keep: bool = False) -> None:
    """Puts another data folder into the place of a stopped server's, to which its start gives it."""
    kept = home / "data.replaced"
    shutil.rmtree(kept, ignore_errors=True)
    if (home / "data").exists():
        (home / "data").rename(kept)
    draft.rename(home / "data")
    if not keep:
        shutil.rmtree(kept, ignore_errors=True)


def position_of(copied: Path) -> str:
    """Where in the history of global transaction ids a copy stands; empty before the first write."""
    notes = next(copied / name for name in BINARY_LOG_NOTES if (copied / name).exists())
    _, _, *position = notes.read_text().split()
    return "".join(position)


def copy(settings: Settings, options: Path, target: Path) -> None:
    """Copies the running primary, and makes the copy consistent."""
    primary, name = leader_address(settings), leader(settings)
    if not is_here(settings, primary):
        raise Fatal(f"the primary at {primary} can only be copied on its own host")
    encrypted = f"ssl-ca={settings.mysql.ca_file}\nssl-verify-server-cert\n" if settings.mysql.tls else ""
    write_private(
        options,
        f"[mariadb-backup]\nhost={host_of(primary)}\nport={port_of(primary)}\nuser={ADMIN}\n"
        f"password={credential(settings, 'mysql-admin')}\ndatadir={folder(settings, name) / 'data'}\n{encrypted}",
    )
    for step in ("--backup", "--prepare"):
        command = ["mariadb-backup", f"--defaults-file={options}", step, f"--target-dir={target}"]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode != 0:
            raise Fatal(f"mariadb-backup {step} failed: {run.stderr.strip()[-800:]}")


def wait_until_answering(settings: Settings, address: str, seconds: float = PATIENCE) -> None:
    """Raises Transient when the server does not answer in time."""
    retried(lambda: answers(settings, address), pause=0.1, seconds=seconds)
