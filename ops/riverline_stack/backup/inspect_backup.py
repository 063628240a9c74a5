"""Opens a copy of MariaDB's data with a separate server that no one else can reach, and inspects it."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pymysql

from riverline.errors import Invalid
from riverline.retry import retried
from riverline_stack.supervision.accounts import MYSQL, lowered

START = 60.0  # seconds in which the server must answer
STOP = 30.0


@dataclass(frozen=True)
class Contents:
    """The tables of a copy: their version, and how many rows each has."""

    version: str
    revision: str
    rows: dict[str, int]


def contents(data: Path, database: str) -> Contents:
    """What is in the copy; every table is checked. The copy is changed by that. Raises Invalid when it is broken."""
    with _server(data) as cursor:
        cursor.execute(f"USE `{database}`")
        cursor.execute("SHOW TABLES")
        tables = sorted(name for (name,) in cursor.fetchall())
        rows = {name: _checked(cursor, name) for name in tables if name != "alembic_version"}
        cursor.execute("SELECT version_num FROM alembic_version")
        (revision,) = cursor.fetchone()
        cursor.execute("SELECT version()")
        (version,) = cursor.fetchone()
        return Contents(version, revision, rows)


def _checked(cursor: Any, table: str) -> int:
    cursor.execute(f"CHECK TABLE `{table}`")
    if any(kind == "error" or (kind == "status" and said != "OK") for _, _, kind, said in cursor.fetchall()):
        raise Invalid(f"the table {table} of the backup is broken")
    cursor.execute(f"SELECT COUNT(*) FROM `{table}`")
    return int(cursor.fetchone()[0])


@contextmanager
def _server(data: Path) -> Iterator[Any]:
    key_value = Path(tempfile.mkdtemp(prefix="riverline-backup-"))  # a socket's path must be short
    options = ("--skip-networking", "--skip-grant-tables", "--skip-log-bin", "--skip-slave-start")
    places = (
        f"--datadir={data}",
        f"--socket={key_value / 's'}",
        f"--pid-file={key_value / 'p'}",
        f"--tmpdir={key_value}",
    )
    command = [*lowered(MYSQL, [data, key_value], []), "mariadbd", "--no-defaults", *places, *options]
    with (key_value / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd="/")
    try:
        with _connected(process, key_value) as connection, connection.cursor() as cursor:
            yield cursor
    except pymysql.MySQLError as error:
        raise Invalid(f"the backup of MariaDB cannot be read: {error}") from error
    finally:
        process.terminate()
        try:
            process.wait(STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(key_value, ignore_errors=True)


def _connected(process: subprocess.Popen[bytes], key_value: Path) -> Any:
    def connect() -> Any:
        return pymysql.connect(unix_socket=str(key_value / "s"), user="root", charset="utf8mb4")

    def lives(error: Exception) -> bool:
        return isinstance(error, pymysql.MySQLError) and process.poll() is None

    try:
        return retried(connect, lives, pause=0.1, seconds=START)
    except pymysql.MySQLError as error:
        said = (key_value / "log").read_text(errors="replace").strip()[-600:]
        raise Invalid(f"no server opens the backup of MariaDB: {said}") from error
