"""The outbox in MySQL: jobs stay until they are done, and no two sweepers get the same one."""

import uuid

import pytest
from sqlalchemy import text

from riverline.stores import outbox
from riverline.stores.ledger import MysqlLedger
from riverline.stores.mysql import Mysql

pytestmark = pytest.mark.integration


class Box:
    """The outbox, with jobs of a task of this test's own."""

    def __init__(self, stack):
        self.mysql, self.task = Mysql(stack), uuid.uuid4().hex
        self.ledger = MysqlLedger(self.mysql)

    def add(self, overdue=True, **payload):
        with self.mysql.writing() as connection:
            job = outbox.add(connection, self.task, payload)
            if overdue:
                connection.execute(text("UPDATE outbox SET due_at = '2000-01-01' WHERE id = :id"), {"id": job.id})
        return job

    def overdue(self, waiting=0.0):
        return [job for job in self.ledger.overdue(10_000, waiting) if job.task == self.task]


@pytest.fixture
def box(stack):
    made = Box(stack)
    yield made
    with made.mysql.writing() as connection:
        connection.execute(text("DELETE FROM outbox WHERE task = :task"), {"task": made.task})
    made.mysql.close()


def test_a_job_is_overdue_once_and_then_later_again(box):
    job = box.add(user_id=7)
    assert box.overdue() == [job]
    assert box.overdue() == []


def test_a_new_job_is_left_to_those_it_was_sent_to(box):
    box.add(overdue=False)
    assert box.overdue() == []


def test_a_job_is_not_overdue_before_what_was_sent_then_has_left_the_queue(box):
    job = box.add(overdue=False)
    with box.mysql.writing() as connection:
        connection.execute(
            text("UPDATE outbox SET due_at = NOW(3) - INTERVAL 30 SECOND WHERE id = :id"), {"id": job.id}
        )
    assert box.overdue(waiting=60.5) == []
    assert box.overdue(waiting=20) == [job]


def test_a_job_is_late_when_it_is_open_for_longer(box):
    job = box.add()
    old = "UPDATE outbox SET created_at = NOW(3) - INTERVAL 30 SECOND WHERE id = :id"
    with box.mysql.writing() as connection:
        connection.execute(text(old), {"id": job.id})
        assert outbox.late(connection, 20, besides=())
        assert not outbox.late(connection, 2_000_000, besides=())
    box.ledger.done(job.id)


def test_a_job_that_is_done_does_not_come_again(box):
    job = box.add()
    box.ledger.done(job.id)
    assert box.overdue() == []


def test_a_job_goes_on_from_where_it_was(box):
    job = box.add(user_id=7)
    box.ledger.progress(job, 99)
    with box.mysql.writing() as connection:
        connection.execute(text("UPDATE outbox SET due_at = '2000-01-01' WHERE id = :id"), {"id": job.id})
    [again] = box.overdue()
    assert again.payload == {"user_id": 7, "after": 99}


def test_what_one_sweeper_holds_another_one_skips(box):
    held, free = box.add(), box.add()
    with box.mysql.writing() as connection:
        connection.execute(text("SELECT id FROM outbox WHERE id = :id FOR UPDATE"), {"id": held.id})
        assert [job.id for job in box.overdue()] == [free.id]


def test_the_depth_counts_open_jobs(box):
    before, _ = box.ledger.depth()
    job = box.add()
    assert box.ledger.depth()[0] >= before
    box.ledger.done(job.id)


def test_jobs_that_were_done_long_ago_are_forgotten(box):
    job = box.add()
    with box.mysql.writing() as connection:
        connection.execute(text("UPDATE outbox SET done_at = '2000-01-01' WHERE id = :id"), {"id": job.id})
    assert box.ledger.purge() >= 1
    with box.mysql.reading(fresh=True) as connection:
        assert not connection.execute(text("SELECT 1 FROM outbox WHERE id = :id"), {"id": job.id}).first()
