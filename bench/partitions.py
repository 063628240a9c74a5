"""The timeline's queries before and after `post` and `follower` are partitioned.

    python -m bench.partitions [--posts 5000000] [--pool 2G] [--folder DIR]

Starts a MariaDB of its own (3 GB of disk for five million posts), makes the tables of adapters/mysql/tables.py, fills
them by a power law, and asks for the first 20 posts of users with 10, 200 and 2000 followings: the specification's
query, and the one that the system asks when a timeline is not cached. Then it migrates, and asks again. Prints tables.
"""

from __future__ import annotations

import argparse
import math
import shutil
import statistics
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.schema import CreateIndex, CreateTable

from riverline.adapters.mysql import posts
from riverline.adapters.mysql.tables import follower, post, user
from riverline.retry import retried
from riverline_stack.supervision.accounts import MYSQL, lowered

USERS, EDGES, LIMIT = 20_000, 1_000_000, 20
READERS = {10: (20_001, 20_020), 200: (20_021, 20_040), 2000: (20_041, 20_060)}  # ids by followings
ROUNDS = 3
JOINED = text("""SELECT p.id FROM post p JOIN (
    SELECT user_id FROM follower WHERE follower_user_id = :user UNION ALL SELECT :user
) a ON a.user_id = p.user_id ORDER BY p.created_at DESC LIMIT 20""")
SPECIFIED = text("""SELECT * FROM post WHERE user_id IN (SELECT user_id FROM follower WHERE follower_user_id = :user)
    OR user_id = :user ORDER BY created_at DESC LIMIT 20""")
AUTHOR = f"1 + FLOOR({USERS} * POW(RAND(1), 3))"  # few write much
FOLLOWED = f"1 + FLOOR({USERS} * POW(RAND(2), 2))"
UNTIE = ("ALTER TABLE post DROP FOREIGN KEY post_ibfk_1", "ALTER TABLE follower DROP FOREIGN KEY follower_ibfk_1",
         "ALTER TABLE follower DROP FOREIGN KEY follower_ibfk_2")  # fmt: skip
BY_AUTHOR = (
    "ALTER TABLE post DROP PRIMARY KEY, ADD PRIMARY KEY (id, user_id) PARTITION BY KEY (user_id) PARTITIONS 16",
    "ALTER TABLE follower DROP PRIMARY KEY, ADD PRIMARY KEY (id, follower_user_id) "
    "PARTITION BY KEY (follower_user_id) PARTITIONS 16",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--posts", type=int, default=5_000_000)
    parser.add_argument("--pool", default="2G", help="InnoDB's buffer pool")
    parser.add_argument("--folder", type=Path, help="where the data lie; they go at the end")
    asked = parser.parse_args()
    with server(asked.folder, asked.pool) as engine, engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        for name, seconds in fill(connection, asked.posts):
            print(f"{name}: {seconds:.0f} s", flush=True)
        sizes(connection)
        show("not partitioned", engine, asked.posts)
        alter(connection, "without foreign keys", *UNTIE)
        alter(connection, "post by the range of its id, ten partitions", by_range(asked.posts))
        show("post by the range of its id", engine, asked.posts)
        oldest = asked.posts // 10
        alter(connection, f"the oldest {oldest} posts dropped as a partition", "ALTER TABLE post DROP PARTITION p0")
        alter(connection, f"as many deleted, {posts.IDS_A_JOB} at a time", *deletions(oldest, oldest))
        alter(connection, "one table again", "ALTER TABLE post REMOVE PARTITIONING")
        alter(connection, "post by author, follower by who follows, 16 partitions each", *BY_AUTHOR)
        show("post by author, follower by who follows", engine, asked.posts)


def by_range(count: int) -> str:
    parts = [f"PARTITION p{n} VALUES LESS THAN ({(n + 1) * count // 10 + 1})" for n in range(9)]
    return f"ALTER TABLE post PARTITION BY RANGE (id) ({', '.join(parts)}, PARTITION p9 VALUES LESS THAN MAXVALUE)"


def deletions(first: int, count: int) -> list[str]:
    step = posts.IDS_A_JOB
    return [f"DELETE FROM post WHERE id > {at} AND id <= {at + step}" for at in range(first, first + count, step)]


@contextmanager
def server(folder: Path | None, pool: str) -> Iterator[Engine]:
    """A MariaDB that listens on a socket alone, and what lay in its folder, go away at the end."""
    home = Path(tempfile.mkdtemp(prefix="riverline-partitions-", dir=folder))
    home.chmod(0o777)
    data, socket = home / "data", home / "socket"
    install = ["mariadb-install-db", "--no-defaults", f"--datadir={data}", f"--tmpdir={home}"]
    install += ["--auth-root-authentication-method=normal", "--skip-test-db"]
    subprocess.run([*lowered(MYSQL, [home], []), *install], check=True, capture_output=True)
    options = [f"--datadir={data}", f"--socket={socket}", f"--tmpdir={home}", f"--innodb-buffer-pool-size={pool}"]
    options += ["--skip-networking", "--innodb-flush-log-at-trx-commit=2", "--innodb-log-file-size=1G"]
    options += ["--character-set-server=utf8mb4", "--performance-schema=OFF"]
    program = shutil.which("mariadbd") or "/usr/sbin/mariadbd"
    process = subprocess.Popen(
        [*lowered(MYSQL, [home], []), program, "--no-defaults", *options], stderr=subprocess.DEVNULL
    )
    address = f"mysql+pymysql://root@localhost/{{}}?unix_socket={socket}"
    try:
        bare = create_engine(address.format(""))
        retried(lambda: make_database(bare), pause=0.5, seconds=60)
        yield create_engine(address.format("riverline"))
    finally:
        process.terminate()
        process.wait(120)
        shutil.rmtree(home)


def make_database(engine: Engine) -> None:
    """Raises Transient while the server does not answer."""
    from sqlalchemy.exc import OperationalError

    from riverline.errors import Transient

    try:
        with engine.begin() as connection:
            connection.execute(text("CREATE DATABASE riverline CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"))
    except OperationalError as error:
        raise Transient(str(error)) from error


def fill(connection: Connection, count: int) -> Iterator[tuple[str, float]]:
    """Indexes come last: sorted, they are built in a tenth of the time."""
    for table in (user, follower, post):
        connection.execute(CreateTable(table))
    everybody = READERS[2000][1]
    steps = [
        "SET foreign_key_checks = 0, unique_checks = 0",
        f"INSERT INTO user (id, email, name) SELECT seq, CONCAT(seq, '@b.example'), seq FROM seq_1_to_{everybody}",
        f"INSERT INTO follower (user_id, follower_user_id) SELECT DISTINCT {FOLLOWED} AS followed, "
        f"1 + seq MOD {USERS} AS who FROM seq_1_to_{EDGES}",
    ]
    for followings, (first, last) in READERS.items():
        for reader in range(first, last + 1):
            steps.append(
                f"INSERT INTO follower (user_id, follower_user_id) SELECT 1 + (seq * 7 + {reader} * 11) MOD {USERS}, "
                f"{reader} FROM seq_1_to_{followings}"
            )
    words = "'the quick brown fox jumps over the lazy dog and goes home again by the long way ', seq"
    steps.append(
        "INSERT INTO post (id, user_id, contents, tags, locale, created_at) "
        f"SELECT seq, {AUTHOR}, CONCAT({words}, {words}), '[]', 'en', "
        f"'2026-01-01' + INTERVAL seq * 5 SECOND FROM seq_1_to_{count}"
    )
    began = time.monotonic()
    for step in steps:
        connection.execute(text(step))
    yield "rows", time.monotonic() - began
    began = time.monotonic()
    for table in (user, follower, post):
        for index in sorted(table.indexes, key=lambda each: str(each.name)):
            connection.execute(CreateIndex(index))
    yield "indexes", time.monotonic() - began


def sizes(connection: Connection) -> None:
    """What a row takes, with its indexes."""
    stored = "SELECT (data_length + index_length) FROM information_schema.tables WHERE table_schema = 'riverline' AND "
    for table in (follower, post):
        connection.execute(text(f"ANALYZE TABLE {table.name}"))
        count = connection.execute(text(f"SELECT COUNT(*) FROM {table.name}")).scalar_one()
        taken = connection.execute(text(f"{stored} table_name = '{table.name}'")).scalar_one()
        print(f"{table.name}: {count} rows of {taken / count:.0f} bytes with their indexes", flush=True)


def alter(connection: Connection, name: str, *steps: str) -> None:
    began = time.monotonic()
    for step in steps:
        connection.execute(text(step))
    print(f"{name}: {time.monotonic() - began:.1f} s", flush=True)


def show(name: str, engine: Engine, count: int) -> None:
    """A table of milliseconds: p50 and p99 by query and number of followings."""
    queries: dict[str, Callable[[Connection, int], object]] = {
        "specification, `IN`": lambda connection, reader: connection.execute(SPECIFIED, {"user": reader}).all(),
        "specification, join": lambda connection, reader: connection.execute(JOINED, {"user": reader}).all(),
        "Riverline": lambda connection, reader: posts.page(connection, reader, 0, LIMIT),
        "Riverline, an older page": lambda connection, reader: posts.page(connection, reader, count // 2, LIMIT),
        "a user's own posts": lambda connection, reader: posts.authored(connection, reader - USERS, 0, LIMIT),
    }
    print(f"\n{name}; ms, p50 and p99\n\n| query | " + " | ".join(f"{n} followings" for n in READERS) + " |")
    print("|---" * (1 + len(READERS)) + "|")
    with engine.connect() as connection:
        for query, asked in queries.items():
            cells = [measured(connection, asked, *READERS[followings]) for followings in READERS]
            print(f"| {query} | " + " | ".join(cells) + " |", flush=True)
    print()


def measured(connection: Connection, asked: Callable[[Connection, int], object], first: int, last: int) -> str:
    taken = []
    for _ in range(1 + ROUNDS):
        for reader in range(first, last + 1):
            began = time.perf_counter()
            asked(connection, reader)
            taken.append((time.perf_counter() - began) * 1000)
            connection.rollback()
    taken = sorted(taken[last - first + 1 :])  # the first round warms up
    return f"{statistics.median(taken):.1f} {taken[math.ceil(len(taken) * 0.99) - 1]:.1f}"


if __name__ == "__main__":
    main()
