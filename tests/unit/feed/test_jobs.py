"""Jobs that fail: whose fault it was, and what becomes of them."""

import pytest

from riverline.errors import Invalid, Transient
from riverline.feed.contracts import MOST_FAILURES, Job
from riverline.feed.jobs import JobRunner
from riverline.testing.memory_feed_repository import MemoryFeedRepository
from riverline.testing.memory_timelines import MemoryTimelines


class Refusing:
    """An index that refuses posts, or is away."""

    def __init__(self):
        self.error, self.away = Invalid("no"), False

    def publish(self, post):
        raise self.error

    def withdraw(self, post_ids):
        if self.away:
            raise Transient("the index is away")


class Office:
    def __init__(self):
        self.repository, self.index, self.sent = MemoryFeedRepository(), Refusing(), []
        self.delivery = JobRunner(self.repository, MemoryTimelines(), self.index, self.sent.append)
        user = self.repository.create_user("a@example.org", "A").id
        self.push, self.job = self.repository.add_post(user, "text", (), "en").jobs

    def runs(self):
        self.delivery.run(self.job)

    def fails(self, times, error=Invalid):
        for _ in range(times):
            with pytest.raises(error):
                self.delivery.run(self.job)


@pytest.fixture
def office():
    return Office()


def test_a_job_that_fails_by_its_own_fault_is_parked_in_the_end_and_said_why(office):
    office.fails(MOST_FAILURES - 1)
    assert office.repository.parked(0, 10) == [] and office.delivery.sweep() == 2
    office.fails(1)
    [parked] = office.repository.parked(0, 10)
    assert (parked.job, parked.failures, parked.error) == (office.job, MOST_FAILURES, "Invalid: no")
    office.sent.clear()
    office.delivery.sweep()
    assert office.sent == [office.push]


@pytest.mark.parametrize("error", [Transient("away"), TimeoutError("slow"), ConnectionError("refused"), MemoryError()])
def test_an_outage_of_any_length_parks_nothing(office, error):
    office.index.error = error
    office.fails(MOST_FAILURES * 100, type(error))
    assert office.repository.parked(0, 10) == []


def test_what_looks_like_the_job_s_fault_is_none_while_a_server_is_away(office):
    office.index.error, office.index.away = ValueError("half an answer"), True
    office.fails(MOST_FAILURES * 100, Transient)
    assert office.repository.parked(0, 10) == []


@pytest.mark.parametrize("job", [Job(7, "no_such_task", {}), Job(7, "fan_out", {}), Job(7, "fan_out", {"post_id": []})])
def test_a_job_of_which_nothing_can_be_made_is_parked(office, job):
    office.repository.outbox[7] = office.job = job
    office.fails(MOST_FAILURES, Exception)
    assert [one.job for one in office.repository.parked(0, 10)] == [job]


class Slow:
    """An index that takes a post while the author deletes it, and has forgotten when that was."""

    def __init__(self, repository):
        self.repository, self.held = repository, set()

    def publish(self, post):
        if post.id in self.repository._posts:
            self.repository.delete_post(post.id)
        self.held.add(post.id)

    def withdraw(self, post_ids):
        self.held -= set(post_ids)


def test_a_post_that_is_deleted_while_it_is_published_cannot_be_found(office):
    office.delivery._index = index = Slow(office.repository)
    office.runs()
    assert index.held == set() and office.job.id not in office.repository.outbox


class Renaming:
    """An index that takes a post while the author takes another name, once."""

    def __init__(self, repository):
        self.repository, self.authors = repository, {}

    def publish(self, post):
        self.repository.rename(post.user_id, "B")
        self.authors[post.id] = post.user_name

    def withdraw(self, post_ids):
        raise AssertionError("nothing was deleted")


def test_a_post_whose_author_is_renamed_while_it_is_published_is_found_under_the_new_name(office):
    office.delivery._index = index = Renaming(office.repository)
    office.runs()
    assert set(index.authors.values()) == {"B"}


def test_all_posts_of_whoever_is_renamed_are_written_again_chunk_by_chunk(office):
    user, written = office.push.payload["user_id"], {}
    posts = [office.repository.add_post(user, "text", (), "en").post.id for _ in range(4)]
    office.delivery = JobRunner(office.repository, MemoryTimelines(), office.index, office.sent.append, chunk=2)
    office.index.publish = lambda post: written.update({post.id: post.user_name})
    [job] = office.repository.rename(user, "B").jobs
    office.delivery.run(job)
    assert sorted(written) == posts[-2:], "the newest first"
    while office.sent:
        office.delivery.run(office.sent.pop())
    assert written == dict.fromkeys([office.job.payload["post_id"], *posts], "B")
    assert job.id not in office.repository.outbox


def test_nor_where_the_worker_dies_between_the_two(office):
    office.delivery._index = index = Slow(office.repository)
    [post] = office.repository.posts([office.job.payload["post_id"]]).values()
    index.publish(post)
    office.runs()
    assert index.held == set()
