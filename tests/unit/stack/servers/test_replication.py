"""What the replica's state means, and what its server is told."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest

from riverline.errors import Fatal
from riverline.settings import Mysql, Settings
from riverline_stack.servers import mysql
from riverline_stack.servers.replication import copy, trouble
from riverline_stack.servers.roles import PRIMARY, REPLICA

RUNS = {"Slave_IO_Running": "Yes", "Slave_SQL_Running": "Yes", "Last_SQL_Error": "", "Last_IO_Error": ""}


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings().placed(tmp_path)


def test_running_threads_are_no_trouble() -> None:
    assert trouble(RUNS) == ""


def test_an_error_of_either_thread_is_told() -> None:
    assert "duplicate" in trouble(RUNS | {"Slave_SQL_Running": "No", "Last_SQL_Error": "duplicate key"})
    assert "refused" in trouble(RUNS | {"Slave_IO_Running": "Connecting", "Last_IO_Error": "refused"})


def test_a_server_that_follows_nobody_is_told() -> None:
    assert trouble({}) == "replication is not set up"


def test_tables_are_made_in_a_scratch_folder_that_no_starting_server_empties(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server removes what it takes for its own temporary tables; one may be started again and again meanwhile."""
    scratch, run = [], subprocess.run

    def install(command: list[str], **options: Any) -> subprocess.CompletedProcess[str]:
        if "mariadb-install-db" not in command:  # it sees to the account first
            return run(command, **options)
        scratch.extend(word.removeprefix("--tmpdir=") for word in command if word.startswith("--tmpdir="))
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(mysql.subprocess, "run", install)
    mysql.install(settings, str)
    of_servers = [mysql.configuration(settings, name, "127.0.0.1:1") for name in (PRIMARY, REPLICA)]
    assert len(set(scratch)) == 2
    assert [one for one in scratch if any(f"tmpdir = {one}\n" in text for text in of_servers)] == []
    assert [one for one in scratch if Path(one).exists()] == []


def test_only_the_replica_is_read_only(settings: Settings) -> None:
    assert "read-only" not in mysql.configuration(settings, PRIMARY, settings.mysql.primary)
    assert "read-only = 1" in mysql.configuration(settings, REPLICA, settings.mysql.replicas[0])


def test_the_servers_have_different_numbers(settings: Settings) -> None:
    assert "server-id = 1" in mysql.configuration(settings, PRIMARY, settings.mysql.primary)
    assert "server-id = 2" in mysql.configuration(settings, REPLICA, settings.mysql.replicas[0])


def test_the_application_may_read_and_write_rows_of_its_database_and_no_more(settings: Settings) -> None:
    grants = [
        line for line in mysql.accounts(settings).splitlines() if line.startswith("GRANT") and "'riverline'@" in line
    ]
    assert grants == ["GRANT SELECT, INSERT, UPDATE, DELETE ON `riverline`.* TO 'riverline'@'127.0.0.1';"]


def test_accounts_come_from_where_the_settings_say(settings: Settings) -> None:
    far = settings.model_copy(update={"mysql": Mysql.model_validate({"clients": "10.1.0.%,10.2.0.7"})})
    made = {line.split(" ")[2] for line in mysql.accounts(far).splitlines() if line.startswith("ALTER USER 'riv")}
    assert made == {
        f"'{user}'@'{client}'"
        for user in ("riverline", "riverline_admin", "riverline_replication")
        for client in ("10.1.0.%", "10.2.0.7")
    }


def test_a_host_copies_no_primary_of_another(settings: Settings, tmp_path: Path) -> None:
    told = settings.model_dump() | {"mysql": {"primary": "10.1.0.1:3306"}, "stack": {"host": "10.1.0.2"}}
    with pytest.raises(Fatal, match="on its own host"):
        copy(Settings.model_validate(told), tmp_path / "options", tmp_path / "target")


def test_a_password_that_is_set_is_the_applications_and_is_quoted(settings: Settings) -> None:
    quoted = settings.model_copy(update={"mysql": Mysql(password="it's")})
    assert r"IDENTIFIED BY 'it\'s'" in mysql.accounts(quoted)


def test_a_password_is_made_once(settings: Settings) -> None:
    assert mysql.accounts(settings) == mysql.accounts(settings)
    assert settings.mysql_password
