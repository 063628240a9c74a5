"""The replica's tie to the primary: it is made, looked after, and made anew from a backup when it cannot be mended."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pymysql
from pymysql.cursors import DictCursor

from riverline.errors import Fatal, Transient
from riverline.settings import Settings
from stack.addresses import host_of, port_of
from stack.credentials import credential, write_private
from stack.program import Switch
from stack.unprivileged import unprivileged

PRIMARY, REPLICA = "mysql-primary", "mysql-replica"
ADMIN, REPLICATION = "riverline_admin", "riverline_replication"
PATIENCE = 20.0  # seconds in which replication must run after it was started
BINARY_LOG_NOTES = ("mariadb_backup_binlog_info", "xtrabackup_binlog_info")  # newer and older name


def folder(settings: Settings, name: str) -> Path:
    return settings.home / "mysql" / name.removeprefix("mysql-")


@contextlib.contextmanager
def administering(settings: Settings, address: str) -> Iterator[Any]:
    """A cursor with all rights at a server. Raises Transient when it is away."""
    password = credential(settings, "mysql-admin")
    try:
        connection = pymysql.connect(
            host=host_of(address),
            port=port_of(address),
            user=ADMIN,
            password=password,
            connect_timeout=5,
            autocommit=True,
        )
    except pymysql.MySQLError as error:
        raise Transient(f"MySQL on {address}: {error.args[-1]}") from error
    with connection, connection.cursor(DictCursor) as cursor:
        try:
            yield cursor
        except pymysql.MySQLError as error:
            raise Transient(f"MySQL on {address}: {error.args[-1]}") from error


def answers(settings: Settings, address: str) -> None:
    """Ready when it answers a query. Raises Transient."""
    with administering(settings, address) as cursor:
        cursor.execute("SELECT 1")


def replicates(settings: Settings, address: str) -> None:
    """Healthy when both threads of the replication run. Raises Transient with the server's reason."""
    with administering(settings, address) as cursor:
        if problem := trouble(_state(cursor)):
            raise Transient(problem)


def trouble(state: dict[str, Any]) -> str:
    """What is wrong with the replication, by the row of SHOW SLAVE STATUS; empty when nothing is."""
    if not state:
        return "replication is not set up"
    if state["Slave_IO_Running"] == "Yes" and state["Slave_SQL_Running"] == "Yes":
        return ""
    said = state["Last_SQL_Error"] or state["Last_IO_Error"] or "its threads are starting"
    return f"replication does not run: {said}"


def join(settings: Settings, switch: Switch) -> None:
    """Makes the replica follow the primary; fills it from a backup of the primary when it cannot."""
    address = settings.mysql.replicas[0]
    with contextlib.suppress(Transient):
        if _follow(settings, address, None):
            return
    position = _refill(settings, switch)
    if not _follow(settings, address, position):
        replicates(settings, address)


def _follow(settings: Settings, address: str, position: str | None) -> bool:
    """Starts replication, from a position in the primary's history where one is given. False when it does not run."""
    primary = settings.mysql.primary
    source = (host_of(primary), port_of(primary), REPLICATION, credential(settings, "mysql-replication"))
    with administering(settings, address) as cursor:
        if position is None and not trouble(_state(cursor)):
            return True
        cursor.execute("STOP SLAVE")
        if position is not None:
            cursor.execute("SET GLOBAL gtid_slave_pos = %s", (position,))
        cursor.execute(
            "CHANGE MASTER TO MASTER_HOST = %s, MASTER_PORT = %s, MASTER_USER = %s, MASTER_PASSWORD = %s, "
            "MASTER_CONNECT_RETRY = 1, MASTER_USE_GTID = slave_pos",
            source,
        )
        cursor.execute("START SLAVE")
        return _runs_soon(cursor)


def _runs_soon(cursor: Any) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        state = _state(cursor)
        if not trouble(state):
            return True
        if state.get("Last_SQL_Error"):
            return False
        time.sleep(0.1)
    return False


def _state(cursor: Any) -> dict[str, Any]:
    cursor.execute("SHOW SLAVE STATUS")
    return cursor.fetchone() or {}


def _refill(settings: Settings, switch: Switch) -> str:
    """Replaces the replica's data by a consistent copy of the primary's: the position of the copy in its history."""
    home, draft = folder(settings, REPLICA), folder(settings, REPLICA) / "data.draft"
    shutil.rmtree(draft, ignore_errors=True)
    _copy(settings, home / "backup.cnf", draft)
    notes = next(draft / name for name in BINARY_LOG_NOTES if (draft / name).exists())
    _, _, *position = notes.read_text().split()
    switch.stop(REPLICA)
    shutil.rmtree(home / "data")
    draft.rename(home / "data")
    unprivileged([], [home])
    switch.start(REPLICA)
    _wait_until_answering(settings)
    return "".join(position)  # nothing when the primary has not written yet


def _copy(settings: Settings, options: Path, target: Path) -> None:
    """Copies the running primary, and makes the copy consistent."""
    primary = settings.mysql.primary
    write_private(
        options,
        f"[mariadb-backup]\nhost={host_of(primary)}\nport={port_of(primary)}\nuser={ADMIN}\n"
        f"password={credential(settings, 'mysql-admin')}\ndatadir={folder(settings, PRIMARY) / 'data'}\n",
    )
    for step in ("--backup", "--prepare"):
        command = ["mariadb-backup", f"--defaults-file={options}", step, f"--target-dir={target}"]
        run = subprocess.run(command, capture_output=True, text=True)
        if run.returncode != 0:
            raise Fatal(f"mariadb-backup {step} failed: {run.stderr.strip()[-800:]}")


def _wait_until_answering(settings: Settings) -> None:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return answers(settings, settings.mysql.replicas[0])
        except Transient:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
