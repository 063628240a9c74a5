"""MySQL alone, with TLS: the primary, its replica, and the copy that a replica is filled with."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pymysql
import pytest

from riverline.adapters.mysql.database import Database
from riverline.adapters.mysql.server import connecting
from riverline.errors import Transient
from riverline.secret_files import AUTHORITY_FILE, SECRETS
from riverline.settings import Settings
from riverline_stack.servers import mysql, replication
from riverline_stack.servers.shown import HOST_FILE, KEY_FILE, names_of
from riverline_stack.supervision import lifecycle
from tests.support.stack import until
from tests.support.tls import another_authority, expired, few_servers_with_tls, trusting

OFFSET = 22_000  # ports of its own


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    with few_servers_with_tls(tmp_path_factory.mktemp("mysql") / "home", OFFSET, mysql.programs, mysql.install) as own:
        yield own


def test_the_projects_client_goes_through(settings: Settings) -> None:
    database = Database(settings)
    with database.writing() as connection:
        assert connection.exec_driver_sql("SHOW STATUS LIKE 'Ssl_version'").one()[1] == "TLSv1.3"
    database.close()


def test_the_replica_follows_over_tls_and_checks_the_primary(settings: Settings) -> None:
    replication.replicates(settings, settings.mysql.replicas[0])
    with replication.administering(settings, settings.mysql.replicas[0]) as cursor:
        state = replication.state_of(cursor)
    assert (state["Master_SSL_Allowed"], state["Master_SSL_Verify_Server_Cert"]) == ("Yes", "Yes")


def test_a_copy_of_the_primary_is_made_over_tls(settings: Settings, tmp_path: Path) -> None:
    replication.copy(settings, tmp_path / "backup.cnf", tmp_path / "copy")
    assert replication.position_of(tmp_path / "copy") is not None


def test_who_speaks_no_tls_is_refused(settings: Settings) -> None:
    host, port = settings.mysql.primary.split(":")
    who = {"host": host, "port": int(port), "user": settings.mysql.user, "password": settings.mysql_password}
    pymysql.connect(**who).close()
    with pytest.raises(pymysql.OperationalError, match="Access denied"):
        pymysql.connect(**who, ssl_disabled=True)


def test_the_certificate_of_another_authority_is_refused_with_the_next_step(settings: Settings, tmp_path: Path) -> None:
    stranger = trusting(settings, another_authority(tmp_path))
    address, user = settings.mysql.primary, settings.mysql.user
    with pytest.raises(pymysql.OperationalError, match=r"authority .* file of RIVERLINE_TLS__CA_FILE"):
        connecting(stranger, address, user, settings.mysql_password, 5)()
    with pytest.raises(Transient, match="RIVERLINE_TLS__CA_FILE"):
        replication.answers(stranger, address)


def test_an_expired_certificate_is_refused_until_the_next_start_renews_it(settings: Settings) -> None:
    folder = settings.home / SECRETS
    authority = ((folder / AUTHORITY_FILE).read_text(), (folder / KEY_FILE).read_text())
    ended = expired(names_of(settings), authority)
    supervisor = lifecycle.Supervisor(settings)
    (replica,) = (program for program in mysql.programs(settings) if program.name == "mysql-replica")
    supervisor.stop(replica.name)
    own = replication.folder(settings, replica.name) / "tls.pem"
    own.write_text(ended)
    supervisor.start(replica.name)
    assert until(lambda: "its certificate has expired: `make up`" in (lifecycle.reason(replica.ready) or ""), 20)
    supervisor.stop(replica.name)
    (folder / HOST_FILE).write_text(ended)
    mysql.programs(settings)  # as a start does
    assert (folder / HOST_FILE).read_text() == own.read_text() != ended
    supervisor.start(replica.name)
    assert until(lambda: lifecycle.reason(replica.ready) is None, 20)
