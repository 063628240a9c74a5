"""The replica becomes the primary while people write, on a MySQL pair of its own."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Iterator

import pymysql
import pytest

from riverline.adapters.mysql.database import Database
from riverline.adapters.mysql.feed_repository import MysqlFeedRepository
from riverline.errors import Invalid, Transient
from riverline.settings import Settings
from riverline_stack.servers import mysql, roles, schema
from riverline_stack.servers.promotion import promote
from riverline_stack.servers.replication import ADMIN, administering, folder, replicates
from riverline_stack.supervision import lifecycle, processes
from riverline_stack.supervision.program import Program
from riverline_stack.supervision.supervise import Supervisor
from tests.support import few_servers
from tests.support.faults import suspended
from tests.support.stack import Told, until

WRITERS = 4
PACE = 0.02  # seconds between two posts of one: all that was ever written may have to be replayed by a new replica
FREEZE = 55  # seconds; a server that is asked to end gets 60


@pytest.fixture
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """A primary and a replica with the tables in them, on ports of their own; down again after the test."""
    with few_servers.few_servers(tmp_path_factory.mktemp("home"), 16_000, mysql.programs, mysql.install) as settings:
        schema.migrate(settings)
        yield settings


def start(settings: Settings) -> list[Program]:
    mysql.install(settings, Told().say)
    return few_servers.start(settings, mysql.programs(settings))


class Writer(threading.Thread):
    """Posts without pause but for PACE. `acknowledged`: the ids of posts whose transaction was committed."""

    def __init__(self, database: Database, user: int) -> None:
        super().__init__(daemon=True)
        self.repository, self.user = MysqlFeedRepository(database), user
        self.acknowledged: list[int] = []
        self.refused = 0
        self._ended = threading.Event()

    def run(self) -> None:
        while not self._ended.is_set():
            try:
                self.acknowledged.append(self.repository.add_post(self.user, "text", (), "ko-KR").post.id)
            except Transient:
                self.refused += 1
            self._ended.wait(PACE)

    def end(self) -> None:
        self._ended.set()
        self.join(30)
        assert not self.is_alive()


@contextlib.contextmanager
def writing(settings: Settings) -> Iterator[tuple[Database, list[Writer]]]:
    """People who write through one set of connections, as the threads of a program do."""
    database = Database(settings)
    repository = MysqlFeedRepository(database)
    people = [repository.create_user(f"{number}@example.org", f"writer {number}").id for number in range(WRITERS)]
    writers = [Writer(database, user) for user in people]
    for writer in writers:
        writer.start()
    assert until(lambda: all(len(writer.acknowledged) > 20 for writer in writers), 60)
    yield database, writers
    end(writers)
    database.close()


@pytest.fixture
def writers(pair: Settings) -> Iterator[list[Writer]]:
    with writing(pair) as (_, writers):
        yield writers


def ids(settings: Settings, address: str) -> set[int]:
    with administering(settings, address) as cursor:
        cursor.execute(f"SELECT id FROM {settings.mysql.database}.post")
        return {row["id"] for row in cursor.fetchall()}


def replayed(settings: Settings, address: str) -> set[int]:
    """The posts of a server that replays all that was written: it has no tables at first."""
    try:
        return ids(settings, address)
    except Transient:
        return set()


def posted(writers: list[Writer]) -> set[int]:
    return {post for writer in writers for post in writer.acknowledged}


def goes_on(writers: list[Writer]) -> bool:
    before = {writer: len(writer.acknowledged) for writer in writers}
    return until(lambda: all(len(writer.acknowledged) > count + 20 for writer, count in before.items()), 60)


def end(writers: list[Writer]) -> None:
    for writer in writers:
        writer.end()


def test_no_acknowledged_post_is_lost_when_the_replica_is_promoted_in_order(
    pair: Settings, writers: list[Writer]
) -> None:
    done = promote(pair, Supervisor(pair), Told().say)
    assert (done.primary, done.former, done.rejoined) == (pair.mysql.replicas[0], pair.mysql.primary, "")
    assert goes_on(writers)
    end(writers)
    wanted = posted(writers)
    assert ids(pair, done.primary) == wanted
    assert until(lambda: ids(pair, done.former) == wanted, 30)  # the old primary has become the replica
    replicates(pair, done.former)


def test_the_roles_stay_over_a_restart_and_may_be_changed_back(pair: Settings) -> None:
    promote(pair, Supervisor(pair), Told().say)
    lifecycle.down(pair, mysql.programs(pair), Told())
    programs = start(pair)
    assert [program.name for program in programs if program.healthy] == [roles.PRIMARY]
    with administering(pair, pair.mysql.primary) as cursor:
        cursor.execute("SELECT @@read_only AS fenced")
        assert cursor.fetchone() == {"fenced": 1}
    assert promote(pair, Supervisor(pair), Told().say).primary == pair.mysql.primary
    assert Database(pair).ping() is None


def test_a_primary_whose_disk_is_gone_has_lost_nothing_that_was_acknowledged(
    pair: Settings, writers: list[Writer]
) -> None:
    home = folder(pair, roles.PRIMARY)
    (home / "data").rename(home / "gone")  # so that it does not come back by itself
    for process in processes.owned(pair.home, roles.PRIMARY):
        process.kill()
    assert until(lambda: all(writer.refused for writer in writers), 30)
    done = promote(pair, Supervisor(pair), Told().say, dead=True)
    assert done.primary == pair.mysql.replicas[0]
    assert goes_on(writers)
    end(writers)
    wanted = posted(writers)
    assert wanted <= ids(pair, done.primary)
    start(pair)  # a new disk: the old primary is filled from the new one
    # It may have to replay all that was written since the beginning: some 400 posts a second.
    assert until(lambda: replayed(pair, done.former) == ids(pair, done.primary), 180)


def test_a_frozen_primary_holds_nobody_for_long_and_can_be_given_up(pair: Settings) -> None:
    """It takes connections and says nothing: for writers, for readers and for the promotion."""
    hasty = pair.model_copy(update={"mysql": pair.mysql.model_copy(update={"timeout": 3})})
    (frozen,) = (each for each in processes.owned(pair.home, roles.PRIMARY) if each.name() in ("mariadbd", "mysqld"))
    with writing(hasty) as (database, crowd), suspended(frozen):
        # Far more refusals than a writer could collect who waited through each.
        assert until(lambda: all(writer.refused > 100 for writer in crowd), 60)
        with database.reading() as connection:
            assert connection.exec_driver_sql("SELECT @@read_only").scalar_one() == 1
        began = time.monotonic()
        done = promote(pair, Supervisor(pair), Told().say, dead=True)
        assert done.paused < FREEZE > time.monotonic() - began, "it waited for the frozen one to end by itself"
        assert (done.primary, done.rejoined) == (pair.mysql.replicas[0], "")
        assert goes_on(crowd)
        end(crowd)
        assert posted(crowd) <= ids(pair, done.primary)
        # It may have to replay all that was written since the beginning: some 400 posts a second.
    assert until(lambda: replayed(pair, done.former) == ids(pair, done.primary), 180)


def test_a_living_primary_is_not_given_up(pair: Settings) -> None:
    with pytest.raises(Invalid, match="without --dead"):
        promote(pair, Supervisor(pair), Told().say, dead=True)
    Database(pair).ping()


def test_a_replica_that_does_not_follow_is_not_promoted(pair: Settings) -> None:
    with administering(pair, pair.mysql.replicas[0]) as cursor:
        cursor.execute("STOP SLAVE")
    with pytest.raises(Invalid, match="cannot be promoted"):
        promote(pair, Supervisor(pair), Told().say)
    Database(pair).ping()


@contextlib.contextmanager
def without_right(pair: Settings, name: str, right: str) -> Iterator[None]:
    """The administrator may not do it at that server, so that a statement in the middle is refused."""
    sock = folder(pair, name) / "data" / "server.sock"

    def tell(statement: str) -> None:
        with pymysql.connect(unix_socket=str(sock), user="root") as connection, connection.cursor() as cursor:
            cursor.execute("SET SESSION sql_log_bin = 0")
            cursor.execute(statement)

    tell(f"REVOKE {right} ON *.* FROM '{ADMIN}'@'127.0.0.1'")
    try:
        yield
    finally:
        tell(f"GRANT {right} ON *.* TO '{ADMIN}'@'127.0.0.1'")


def takes_writes(settings: Settings, address: str) -> bool:
    with administering(settings, address) as cursor:
        cursor.execute("SELECT @@read_only AS fenced")
        return not cursor.fetchone()["fenced"]


def test_a_primary_whose_fence_fails_half_way_takes_writes_again(pair: Settings, writers: list[Writer]) -> None:
    fails = pytest.raises(Transient, match="mysql-primary takes writes again")
    with without_right(pair, roles.PRIMARY, "CONNECTION ADMIN, SUPER"), fails:
        promote(pair, Supervisor(pair), Told().say)
    assert takes_writes(pair, pair.mysql.primary) and not takes_writes(pair, pair.mysql.replicas[0])
    assert goes_on(writers)


def test_a_replica_that_cannot_be_made_the_primary_follows_again(pair: Settings, writers: list[Writer]) -> None:
    fails = pytest.raises(Transient, match="mysql-primary takes writes again")
    with without_right(pair, roles.REPLICA, "REPLICATION SLAVE ADMIN, SUPER"), fails:
        promote(pair, Supervisor(pair), Told().say)
    assert roles.leader(pair) == roles.PRIMARY
    assert takes_writes(pair, pair.mysql.primary) and not takes_writes(pair, pair.mysql.replicas[0])
    assert goes_on(writers)
    replicates(pair, pair.mysql.replicas[0])
    assert promote(pair, Supervisor(pair), Told().say).primary == pair.mysql.replicas[0]
