"""The tables and the connections, on the real primary and replica."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine
from sqlalchemy.exc import IntegrityError

from riverline.adapters.mysql import migrations, tables
from riverline.adapters.mysql.database import Database
from riverline.adapters.mysql.feed_repository import MysqlFeedRepository
from riverline.errors import NotFound, Transient
from riverline.settings import Settings
from riverline_stack.servers.replication import administering
from riverline_stack.servers.schema import administrator
from tests.support.stack import until

EMPTY = "riverline_empty"


@pytest.fixture
def empty(stack: Settings) -> Iterator[Engine]:
    """An empty database of its own, with the right to change its tables."""
    with administering(stack, stack.mysql.primary) as cursor:
        cursor.execute(f"CREATE DATABASE {EMPTY} CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci")
    database = administrator(stack.model_copy(update={"mysql": stack.mysql.model_copy(update={"database": EMPTY})}))
    yield database
    database.dispose()
    with administering(stack, stack.mysql.primary) as cursor:
        cursor.execute(f"DROP DATABASE {EMPTY}")


@pytest.fixture
def mysql(stack: Settings) -> Iterator[Database]:
    database = Database(stack)
    yield database
    database.close()


def names(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.exec_driver_sql("SHOW TABLES").scalars())


def test_the_migrations_make_the_tables_that_queries_name(empty: Engine) -> None:
    migrations.upgrade(empty)
    with empty.connect() as connection:
        options = {"compare_type": True, "compare_server_default": True}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), tables.metadata) == []


def test_migrations_may_be_applied_twice_and_taken_back(empty: Engine) -> None:
    migrations.upgrade(empty)
    migrations.upgrade(empty)
    migrations.downgrade(empty, migrations.BASE)
    assert names(empty) == {"alembic_version"}
    assert migrations.revision(empty) is None


FIRST_ROWS = """
    INSERT INTO `user` (id, email, name) VALUES (1, 'a@example.org', '가'), (2, 'b@example.org', '😀');
    INSERT INTO follower (user_id, follower_user_id) VALUES (1, 2);
    INSERT INTO post (id, user_id, contents, tags, locale) VALUES (7, 1, 'text', '[]', 'ko-KR');
    INSERT INTO outbox (task, payload) VALUES ('index', '{}');
    INSERT INTO crawl_target (name, kind, definition) VALUES ('site', 'site', '{}');
    INSERT INTO api_token (digest, user_id, name) VALUES ('d', 1, 'mine')
"""
ROWS = {
    "user": "id, email, name, created_at",
    "follower": "user_id, follower_user_id",
    "post": "id, user_id, contents, tags, locale, created_at",
    "outbox": "task, payload, attempts",
    "crawl_target": "name, kind, definition, enabled",
    "api_token": "digest, user_id, name",
}


def rows(engine: Engine) -> dict[str, list[tuple[object, ...]]]:
    """What every version of the tables holds of the first rows."""
    with engine.connect() as connection:
        return {
            name: [tuple(row) for row in connection.exec_driver_sql(f"SELECT {columns} FROM `{name}` ORDER BY 1")]
            for name, columns in ROWS.items()
        }


def test_data_survive_every_migration_forward_and_back(empty: Engine) -> None:
    steps = migrations.revisions()[::-1]
    migrations.upgrade(empty, steps[0])
    with empty.begin() as connection:
        for statement in FIRST_ROWS.split(";"):
            connection.exec_driver_sql(statement)
    before = rows(empty)
    for step in steps[1:]:
        migrations.upgrade(empty, step)
        assert rows(empty) == before, f"upgrade to {step}"
    for step in steps[-2::-1]:
        migrations.downgrade(empty, step)
        assert rows(empty) == before, f"downgrade to {step}"
    migrations.upgrade(empty)
    assert rows(empty) == before
    with empty.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), tables.metadata) == []


def insert(mysql: Database, email: str) -> int:
    with mysql.writing() as connection:
        return int(connection.execute(tables.user.insert().values(email=email, name="😀 가")).inserted_primary_key[0])


def test_what_is_written_to_the_primary_is_read_from_the_replica(stack: Settings, mysql: Database) -> None:
    identity = insert(mysql, "replicated@example.org")
    query = tables.user.select().where(tables.user.c.id == identity)

    def replicated() -> bool:
        with mysql.reading() as connection:
            port = connection.exec_driver_sql("SELECT @@port").scalar_one()
            from_replica = port == int(stack.mysql.replicas[0].split(":")[1])
            return from_replica and connection.execute(query).one_or_none() is not None

    assert until(replicated, 10)
    with mysql.reading() as connection:
        assert connection.execute(query).one().name == "😀 가"


def test_a_fresh_read_sees_a_write_at_once(mysql: Database) -> None:
    identity = insert(mysql, "fresh@example.org")
    with mysql.reading(fresh=True) as connection:
        assert connection.execute(tables.user.select().where(tables.user.c.id == identity)).one()


def test_the_primary_answers_while_no_replica_does(stack: Settings) -> None:
    away = stack.model_copy(update={"mysql": stack.mysql.model_copy(update={"replicas": ("127.0.0.1:9",)})})
    with Database(away).reading() as connection:
        assert connection.exec_driver_sql("SELECT @@read_only").scalar_one() == 0


def answering(mysql: Database) -> str:
    """The port of the server that answers reads."""
    with mysql.reading() as connection:
        return str(connection.exec_driver_sql("SELECT @@port").scalar_one())


def test_a_replica_that_lags_is_skipped_until_it_has_caught_up(stack: Settings, mysql: Database) -> None:
    primary, replica = (address.split(":")[1] for address in (stack.mysql.primary, stack.mysql.replicas[0]))
    assert until(lambda: answering(mysql) == replica, 10)
    with administering(stack, stack.mysql.replicas[0]) as cursor:
        cursor.execute("STOP SLAVE SQL_THREAD")
        try:
            assert until(lambda: answering(mysql) == primary, 15)
            identity = insert(mysql, "written-meanwhile@example.org")
            with mysql.reading() as connection:
                found = connection.execute(tables.user.select().where(tables.user.c.id == identity)).one_or_none()
            assert found, "who reads from the primary sees it at once"
        finally:
            cursor.execute("START SLAVE SQL_THREAD")
    assert until(lambda: answering(mysql) == replica, 15)


def test_a_primary_that_is_away_is_transient(stack: Settings) -> None:
    away = stack.model_copy(update={"mysql": stack.mysql.model_copy(update={"primary": "127.0.0.1:9"})})
    with pytest.raises(Transient, match="MySQL"), Database(away).writing():
        pass


def test_a_second_user_with_the_same_address_is_refused(mysql: Database) -> None:
    insert(mysql, "twice@example.org")
    with pytest.raises(IntegrityError):
        insert(mysql, "Twice@Example.org")


def test_an_error_takes_the_whole_transaction_back(mysql: Database) -> None:
    with pytest.raises(RuntimeError), mysql.writing() as connection:
        connection.execute(tables.user.insert().values(email="rolled-back@example.org", name="nobody"))
        raise RuntimeError("the caller failed")
    with mysql.reading(fresh=True) as connection:
        assert (
            connection.execute(tables.user.select().where(tables.user.c.email == "rolled-back@example.org")).all() == []
        )


def test_the_application_may_not_change_tables(mysql: Database) -> None:
    with pytest.raises(Transient, match="denied"), mysql.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE more (a INT)")


def test_following_somebody_who_is_being_deleted_finds_nobody(stack: Settings, mysql: Database) -> None:
    """The deletion is not committed when the following is asked for, and is when that is written."""
    repository = MysqlFeedRepository(mysql)
    follower, followed = insert(mysql, "follows@example.org"), insert(mysql, "is-deleted@example.org")

    def waits() -> bool:
        with administering(stack, stack.mysql.primary) as cursor:
            cursor.execute(
                "SELECT COUNT(*) AS waiting FROM information_schema.INNODB_TRX WHERE trx_state = 'LOCK WAIT'"
            )
            return bool(cursor.fetchone()["waiting"])

    with ThreadPoolExecutor(1) as other:
        with mysql.writing() as connection:
            connection.execute(tables.user.delete().where(tables.user.c.id == followed))
            following = other.submit(repository.follow, follower, followed)
            assert until(waits, 10)
        with pytest.raises(NotFound):
            following.result(30)
    assert repository.follows(follower, True, 0, 10) == []


@pytest.fixture
def hurried(stack: Settings) -> Iterator[Database]:
    """Without much patience."""
    database = Database(stack, 1.0)
    yield database
    database.close()


def slow(mysql: Database, number: int) -> None:
    with pytest.raises(Transient, match="timed out"), mysql.reading(fresh=True) as connection:
        connection.exec_driver_sql(f"SELECT {number}, SLEEP(20)")


def answers(mysql: Database) -> bool:
    try:
        with mysql.reading(fresh=True) as connection:
            return connection.exec_driver_sql("SELECT 1").scalar_one() == 1
    except Transient:
        return False


def test_a_slow_query_shuts_its_server_for_nobody_else(hurried: Database) -> None:
    assert until(lambda: answers(hurried), 10)
    for _ in range(4):
        slow(hurried, 0)
        assert answers(hurried)


def test_a_server_whose_queries_all_take_too_long_is_left_alone_for_a_moment(hurried: Database) -> None:
    assert until(lambda: answers(hurried), 10)
    for number in range(3):
        slow(hurried, number)
    assert not answers(hurried)
    assert until(lambda: answers(hurried), 10)
