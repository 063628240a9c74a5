"""The outbox in MySQL: jobs stay until they are done, and no two sweepers get the same one."""

import uuid

import pytest
from sqlalchemy import text

from riverline.adapters.mysql import outbox
from riverline.adapters.mysql.database import Database
from riverline.adapters.mysql.feed_repository import MysqlFeedRepository
from riverline.feed.contracts import MOST_FAILURES

pytestmark = pytest.mark.integration


class Box:
    """The outbox, with jobs of a task of this test's own."""

    def __init__(self, stack):
        self.mysql, self.task = Database(stack), uuid.uuid4().hex
        self.repository = MysqlFeedRepository(self.mysql)

    def add(self, overdue=True, **payload):
        with self.mysql.writing() as connection:
            job = outbox.add(connection, self.task, payload)
            if overdue:
                connection.execute(text("UPDATE outbox SET due_at = '2000-01-01' WHERE id = :id"), {"id": job.id})
        return job

    def set(self, job, values):
        with self.mysql.writing() as connection:
            connection.execute(text(f"UPDATE outbox SET {values} WHERE id = :id"), {"id": job.id})

    def overdue(self, waiting=0.0):
        return [job for job in self.repository.overdue(10_000, waiting) if job.task == self.task]


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


def test_a_job_that_was_written_while_the_clock_was_ahead_does_not_wait_for_that_hour(box):
    job = box.add(overdue=False)
    box.set(job, "due_at = NOW(3) + INTERVAL 1 HOUR")
    assert box.overdue() == [job]
    assert box.overdue() == []
    box.set(job, "due_at = NOW(3) + INTERVAL 300 SECOND")  # the longest pause
    assert box.overdue() == []


def test_a_job_is_late_when_it_is_open_for_longer(box):
    job = box.add()
    old = "UPDATE outbox SET created_at = NOW(3) - INTERVAL 30 SECOND WHERE id = :id"
    with box.mysql.writing() as connection:
        connection.execute(text(old), {"id": job.id})
        assert outbox.late(connection, 20, besides=())
        assert not outbox.late(connection, 2_000_000, besides=())
    box.repository.done(job.id)


def test_a_job_that_is_done_does_not_come_again(box):
    job = box.add()
    box.repository.done(job.id)
    assert box.overdue() == []


def test_a_job_goes_on_from_where_it_was(box):
    job = box.add(user_id=7)
    box.repository.progress(job, 99)
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
    before, _ = box.repository.depth()
    job = box.add()
    assert box.repository.depth()[0] >= before
    box.repository.done(job.id)


def test_jobs_that_were_done_long_ago_are_forgotten(box):
    job = box.add()
    with box.mysql.writing() as connection:
        connection.execute(text("UPDATE outbox SET done_at = '2000-01-01' WHERE id = :id"), {"id": job.id})
    assert box.repository.purge() >= 1
    with box.mysql.reading(fresh=True) as connection:
        assert not connection.execute(text("SELECT 1 FROM outbox WHERE id = :id"), {"id": job.id}).first()


def test_a_job_that_was_sent_hundreds_of_times_is_sent_again_and_so_are_the_others(box):
    old, other = box.add(), box.add()
    box.set(old, "attempts = 100000")
    assert box.overdue() == [old, other]
    box.set(old, "due_at = due_at - INTERVAL 301 SECOND")
    assert box.overdue() == [old]  # the longest pause has passed


def test_a_job_that_cannot_be_read_is_parked_and_the_others_are_sent(box):
    broken, other = box.add(), box.add()
    box.set(broken, "payload = '{'")
    assert box.overdue() == [other]
    [parked] = box.repository.parked(broken.id - 1, 1)
    assert parked.job.id == broken.id and parked.error


def test_a_parked_job_is_neither_sent_nor_waited_for_and_is_counted_by_its_task(box):
    job = box.add()
    for _ in range(MOST_FAILURES):
        box.repository.failed(job.id, "ValueError: no")
    assert box.overdue() == []
    with box.mysql.reading(fresh=True) as connection:
        assert outbox.parked_by_task(connection)[box.task] == 1
    assert box.repository.unpark([job.id]) == 1
    assert box.overdue() == [job]


def test_the_error_of_a_job_is_kept_as_far_as_it_can_be(box):
    job = box.add()
    for _ in range(MOST_FAILURES):
        box.repository.failed(job.id, "말" * 100_000)
    [parked] = box.repository.parked(job.id - 1, 1)
    assert parked.error == "말" * outbox.ERROR_LENGTH
