"""Which replicas may answer, by their lag."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.pool import StaticPool

from riverline.adapters.mysql.replica_lag import BEAT_ID, LOOK_SECONDS, MOST_LAG_SECONDS, ReplicaLag

NOW = 1_760_000_000_000


class Clock:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def server(clock: Clock) -> Engine:
    """A SQLite that understands what is said to MySQL; its time is the clock's."""
    made = create_engine("sqlite://", poolclass=StaticPool, connect_args={"check_same_thread": False})

    @event.listens_for(made, "before_cursor_execute", retval=True)
    def translated(_c: Any, _k: Any, statement: str, parameters: Any, *_: Any) -> tuple[str, Any]:
        now = str(NOW + int(clock.seconds * 1000))
        if statement.startswith("INSERT INTO heartbeat"):
            return f"INSERT OR REPLACE INTO heartbeat VALUES ({BEAT_ID}, {now})", parameters
        return statement.replace("CAST(UNIX_TIMESTAMP(NOW(3)) * 1000 AS UNSIGNED)", now), parameters

    with made.begin() as connection:
        connection.execute(text("CREATE TABLE heartbeat (id INTEGER PRIMARY KEY, number INTEGER)"))
    return made


def replicate(primary: Engine, replica: Engine) -> None:
    with primary.connect() as source, replica.begin() as target:
        for row in source.execute(text("SELECT id, number FROM heartbeat")).all():
            target.execute(text(f"INSERT OR REPLACE INTO heartbeat VALUES ({row.id}, {row.number})"))


def pair() -> tuple[Clock, Engine, Engine, ReplicaLag]:
    clock = Clock()
    primary, replica = server(clock), server(clock)
    return clock, primary, replica, ReplicaLag(lambda: primary, monotonic=clock)


def test_a_replica_that_keeps_up_answers() -> None:
    clock, primary, replica, lag = pair()
    lag.usable(replica)
    replicate(primary, replica)
    clock.seconds += LOOK_SECONDS
    assert lag.usable(replica)


def test_a_replica_without_beats_does_not_answer() -> None:
    _, _, replica, lag = pair()
    assert not lag.usable(replica)


def test_a_replica_that_stands_still_is_skipped_after_five_seconds_and_taken_back() -> None:
    clock, primary, replica, lag = pair()
    lag.usable(replica)
    replicate(primary, replica)
    found = []
    for _ in range(8):
        clock.seconds += LOOK_SECONDS
        found.append(lag.usable(replica))
    assert found == [True] * int(MOST_LAG_SECONDS) + [False] * (8 - int(MOST_LAG_SECONDS))
    replicate(primary, replica)
    clock.seconds += LOOK_SECONDS
    assert lag.usable(replica)


def test_without_a_primary_a_replica_answers() -> None:
    clock = Clock()
    primary, replica = create_engine("sqlite:////nowhere/at/all"), server(clock)
    assert ReplicaLag(lambda: primary, monotonic=clock).usable(replica)


def test_a_replica_that_keeps_the_one_who_looks_waiting_does_not_answer_to_others() -> None:
    clock = Clock()
    primary, replica = server(clock), server(clock)
    frozen, asked, thawed = threading.Event(), threading.Event(), threading.Event()

    @contextlib.contextmanager
    def connected(engine: Engine) -> Iterator[Connection]:
        if engine is replica and frozen.is_set():
            asked.set()
            assert thawed.wait(20)
        with engine.connect() as connection:
            yield connection

    lag = ReplicaLag(lambda: primary, connected, clock)
    lag.usable(replica)
    replicate(primary, replica)
    clock.seconds += LOOK_SECONDS
    assert lag.usable(replica)
    frozen.set()
    clock.seconds += LOOK_SECONDS
    one_who_looks = threading.Thread(target=lag.usable, args=(replica,))
    one_who_looks.start()
    assert asked.wait(10)
    assert lag.usable(replica), "it may answer yet"
    clock.seconds += LOOK_SECONDS
    assert not lag.usable(replica)
    thawed.set()
    one_who_looks.join(10)
    assert lag.usable(replica)
