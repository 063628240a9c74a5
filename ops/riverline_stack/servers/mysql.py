"""MariaDB: a primary and a replica, with semi-synchronous replication by global transaction ids.

Accounts are made by each server at its start, before it listens: the application's (it reads and writes rows of its own
database), one for migrations and backups, one for replication. They come from where the settings say: by default from
loopback only.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from pymysql.converters import escape_string

from riverline.errors import Fatal, Transient
from riverline.settings import Settings
from riverline_stack.servers import mysql_guard, replication
from riverline_stack.servers.addresses import host_of, is_here, port_of
from riverline_stack.servers.credentials import credential, write_private
from riverline_stack.servers.replication import ADMIN, REPLICATION, folder
from riverline_stack.servers.roles import leader, leader_address, servers
from riverline_stack.servers.shown import shown_by
from riverline_stack.supervision.accounts import MYSQL, lowered
from riverline_stack.supervision.program import ProcessControl, Program

COMMON = """
character-set-server = utf8mb4
collation-server = utf8mb4_unicode_ci
default-time-zone = +00:00
sql-mode = STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,NO_ZERO_DATE,NO_ZERO_IN_DATE
skip-name-resolve
max-connections = 200
innodb-buffer-pool-size = 128M
innodb-flush-log-at-trx-commit = 1
performance-schema = OFF
log-bin = binary
binlog-format = ROW
sync-binlog = 1
binlog-expire-logs-seconds = 604800
log-slave-updates
gtid-strict-mode = 1
rpl-semi-sync-master-wait-point = AFTER_SYNC
rpl-semi-sync-master-wait-no-slave = 0
relay-log = relay
relay-log-recovery = 1
"""
LEADS = "rpl-semi-sync-master-enabled = 1"
FOLLOWS = "rpl-semi-sync-slave-enabled = 1\nread-only = 1"


def install(settings: Settings, say: Callable[[str], None]) -> None:
    """Makes the data folders that are not there yet."""
    for name, address in servers(settings).items():
        if is_here(settings, address) and not (folder(settings, name) / "data" / "mysql").exists():
            say(f"creating the data folder of {name}")
            _initialize(folder(settings, name))


def _initialize(home: Path) -> None:
    """In folders of its own: a server that starts beside it empties the one that it has for temporary tables."""
    scratch, draft = home / "scratch.draft", home / "data.draft"
    for path in (scratch, draft):
        shutil.rmtree(path, ignore_errors=True)
    options = [
        "--force",  # does not ask for the address of this machine's name: it may have none, and no account is of a name
        f"--datadir={draft}",
        f"--tmpdir={scratch}",
        "--skip-test-db",
        "--auth-root-authentication-method=socket",
    ]
    command = ["mariadb-install-db", "--no-defaults", *options, f"--auth-root-socket-user={_account()}"]
    run = subprocess.run(
        [*lowered(MYSQL, [home, scratch, draft], []), *command], capture_output=True, text=True, cwd="/"
    )
    if run.returncode != 0:
        raise Fatal(f"mariadb-install-db failed: {(run.stderr or run.stdout).strip()[-800:]}")
    shutil.rmtree(scratch)
    replication.put_data(home, draft, keep=True)  # what stands there has no tables of a server


def _account() -> str:
    return pwd.getpwuid(os.geteuid()).pw_name


def programs(settings: Settings) -> list[Program]:
    return [_program(settings, name, address) for name, address in servers(settings).items()]


def configure(settings: Settings, name: str) -> str:
    """Writes what the server reads at its start: its role, the accounts, and what it shows, of which this is the
    version."""
    home = folder(settings, name)
    for path in (home / "data", home / "scratch"):
        path.mkdir(parents=True, exist_ok=True)
    write_private(home / "accounts.sql", accounts(settings))
    address = servers(settings)[name]
    encrypted, version = _encrypted(settings, home, address)
    write_private(home / "server.cnf", configuration(settings, name, address) + encrypted)
    return version


def _encrypted(settings: Settings, home: Path, address: str) -> tuple[str, str]:
    """The options for TLS, without which no address is served then, and the version of what they name."""
    shown = shown_by(settings, home, address) if settings.mysql.tls else None
    if shown is None:
        return "", ""
    files = f"ssl-cert = {shown.own}\nssl-key = {shown.own}\nssl-ca = {shown.authority}\n"
    return f"{files}require-secure-transport = ON\ntls-version = TLSv1.2,TLSv1.3\n", shown.version


def _program(settings: Settings, name: str, address: str) -> Program:
    home, first = folder(settings, name), leader(settings)
    version = configure(settings, name)
    return Program(
        name=name,
        command=[*_guard(settings, name), "mariadbd", f"--defaults-file={home / 'server.cnf'}"],
        directory=home,
        account=MYSQL,
        own=(home,),
        ready=lambda: replication.answers(settings, address),
        addresses=(address,),
        after=(first,) if name != first else (),
        healthy=(lambda: replication.replicates(settings, address)) if name != first else None,
        settle=(lambda switch: replication.join(settings, switch)) if name != first else _opened(settings, address),
        stop_seconds=60,
        version=version,
    )


def _guard(settings: Settings, name: str) -> list[str]:
    """On several hosts a server is looked after, so that two never take writes."""
    return [sys.executable, "-m", mysql_guard.__name__, name] if settings.stack.host else []


def _opened(settings: Settings, address: str) -> Callable[[ProcessControl], None] | None:
    """Settled when the primary's guard has let it take writes."""

    def check(_: ProcessControl) -> None:
        with replication.administering(settings, address, replication.ANSWER) as cursor:
            cursor.execute("SELECT @@read_only AS fenced")
            if cursor.fetchone()["fenced"] and leader_address(settings) == address:
                raise Transient("it takes no writes yet")

    return check if settings.stack.host else None


def configuration(settings: Settings, name: str, address: str) -> str:
    home = folder(settings, name)
    number = list(servers(settings)).index(name) + 1
    return f"""[mariadbd]
datadir = {home / "data"}
tmpdir = {home / "scratch"}
socket = server.sock
pid-file = server.pid
bind-address = {host_of(address)}
port = {port_of(address)}
init-file = {home / "accounts.sql"}
server-id = {number}
{LEADS if name == leader(settings) else FOLLOWS}
{_patience(settings)}
{COMMON}"""


def _patience(settings: Settings) -> str:
    """How long a commit waits for the replica, in ms. On several hosts a guard lets the server take writes."""
    if settings.stack.host:
        return f"rpl-semi-sync-master-timeout = {mysql_guard.COMMITS_WAIT * 1000:.0f}\nread-only = 1"
    return "rpl-semi-sync-master-timeout = 2000"


def accounts(settings: Settings) -> str:
    """The statements that make the accounts and the database. They are not replicated: each server runs its own."""
    database = settings.mysql.database
    rights = {
        (
            settings.mysql.user,
            settings.mysql_password or credential(settings, "mysql-application"),
        ): f"SELECT, INSERT, UPDATE, DELETE ON `{database}`.*",
        (ADMIN, credential(settings, "mysql-admin")): "ALL PRIVILEGES ON *.*",
        (REPLICATION, credential(settings, "mysql-replication")): "REPLICATION SLAVE ON *.*",
    }
    lines = [
        "SET SESSION sql_log_bin = 0;",
        f"CREATE DATABASE IF NOT EXISTS `{database}` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;",
    ]
    for (user, password), granted in rights.items():
        for client in settings.mysql.clients:
            account = f"'{user}'@'{client}'"
            lines += [
                f"CREATE USER IF NOT EXISTS {account};",
                f"ALTER USER {account} IDENTIFIED BY '{escape_string(password)}';",
                f"GRANT {granted} TO {account};",
            ]
    return "\n".join(lines) + "\n"
