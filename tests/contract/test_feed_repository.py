"""What the repository of users, followings and posts does: the same suite for MySQL and for its in-memory twin."""

import uuid
from collections.abc import Iterator

import pytest

from riverline.adapters.mysql import followings
from riverline.errors import Conflict, NotFound
from riverline.feed.contracts import MOST_FAILURES, Author, FeedRepository, ProfileCounts
from riverline.feed.influence import Thresholds
from riverline.testing import memory_feed_repository
from riverline.testing.memory_feed_repository import MemoryFeedRepository

MOST = 1 << 60
THRESHOLDS = Thresholds(up=3, down=2)


@pytest.fixture(params=["memory", pytest.param("mysql", marks=pytest.mark.integration)])
def repository(request) -> Iterator[FeedRepository]:
    if request.param == "memory":
        yield MemoryFeedRepository(THRESHOLDS)
        return
    from riverline.adapters.mysql.database import Database
    from riverline.adapters.mysql.feed_repository import MysqlFeedRepository

    mysql = Database(request.getfixturevalue("stack"))
    yield MysqlFeedRepository(mysql, THRESHOLDS)
    mysql.close()


def person(repository: FeedRepository) -> int:
    name = uuid.uuid4().hex[:12]
    return repository.create_user(f"{name}@example.org", name).id


def people(repository: FeedRepository, count: int) -> list[int]:
    return [person(repository) for _ in range(count)]


def write(repository: FeedRepository, user: int, contents: str = "text") -> int:
    return repository.add_post(user, contents, ("tag",), "ko-KR").post.id


def ids(posts) -> list[int]:
    return [post.id for post in posts]


def tasks(jobs) -> list[str]:
    return [job.task for job in jobs]


def test_a_user_is_found_as_created(repository):
    made = repository.create_user(f"{uuid.uuid4().hex}@example.org", "이름 🙂")
    assert repository.user(made.id) == made
    assert made.name == "이름 🙂" and made.influencer is False


def test_a_profile_counts_what_is_there_and_no_further(repository, monkeypatch):
    one, two, three = people(repository, 3)
    for follower, followed in ((two, one), (three, one), (one, two)):
        repository.follow(follower, followed)
    write(repository, one)
    assert repository.counts(one) == ProfileCounts(followers=2, followings=1, posts=1)
    assert repository.counts(MOST) == ProfileCounts(0, 0, 0)
    for module in (memory_feed_repository, followings):
        monkeypatch.setattr(module, "MOST_COUNTED", 1)
    assert repository.counts(one) == ProfileCounts(1, 1, 1)


def test_an_address_is_taken_once_whatever_its_case(repository):
    name = uuid.uuid4().hex
    repository.create_user(f"{name}@example.org", "One")
    with pytest.raises(Conflict):
        repository.create_user(f"{name.upper()}@example.org", "Other")


def test_addresses_that_differ_in_an_accent_are_two(repository):
    """A mailbox `josé` is another one than `jose`; letter case alone makes no other, as no provider gives both away."""
    name = uuid.uuid4().hex
    for local in (f"jose{name}", f"josé{name}", f"strasse{name}", f"straße{name}", f"ｊose{name}"):
        assert repository.create_user(f"{local}@example.org", "One").email == f"{local}@example.org"
    with pytest.raises(Conflict):
        repository.create_user(f"JOSÉ{name}@example.org", "Other")
    with pytest.raises(Conflict):
        repository.create_user(f"ＪOSE{name}@example.org", "Other")


def test_who_is_not_there_is_not_found(repository):
    for ask in (
        lambda: repository.user(1 << 40),
        lambda: repository.delete_user(1 << 40),
        lambda: repository.page(1 << 40, 0, 5),
        lambda: repository.snapshot(1 << 40, 5),
        lambda: repository.add_post(1 << 40, "", (), "en"),
        lambda: repository.delete_post(1 << 40),
        lambda: repository.set_influencer(1 << 40, True),
        lambda: repository.rename(1 << 40, "Mina"),
        lambda: repository.follow(1 << 40, person(repository)),
        lambda: repository.follow(person(repository), 1 << 40),
    ):
        with pytest.raises(NotFound):
            ask()


def test_a_post_is_found_as_written(repository):
    user = person(repository)
    posted = repository.add_post(user, "안녕 🙂\n", ("하나", "two"), "ko-KR")
    assert repository.posts([posted.post.id, 1 << 40]) == {posted.post.id: posted.post}
    assert posted.post.tags == ("하나", "two")
    assert tasks(posted.jobs) == ["fan_out", "index_post"]


def test_a_timeline_is_the_posts_of_the_followed_and_ones_own(repository):
    one, other, stranger = people(repository, 3)
    repository.follow(one, other)
    first, second, _, third = (write(repository, user) for user in (one, other, stranger, one))
    assert ids(repository.page(one, 0, 10)) == [third, second, first]
    assert ids(repository.page(one, third, 1)) == [second]


def test_a_timeline_of_many_followings_is_the_same(repository):
    reader, *authors = people(repository, 105)
    for author in authors:
        repository.follow(reader, author)
    written = [write(repository, author) for author in authors[:20]]
    assert ids(repository.page(reader, 0, 100)) == written[::-1]
    assert ids(repository.page(reader, 0, 5)) == written[:-6:-1]
    assert list(repository.snapshot(reader, 5).ids) == written[:-6:-1]


def test_following_twice_is_one_change(repository):
    one, other = people(repository, 2)
    first = repository.follow(one, other)
    assert first.changed and tasks(first.jobs) == ["refresh"]
    again = repository.follow(one, other)
    assert not again.changed and not again.jobs


def test_each_change_of_followings_is_counted(repository):
    one, other = people(repository, 2)
    versions = [
        repository.snapshot(one, 5).version,
        repository.follow(one, other).version,
        repository.unfollow(one, other).version,
        repository.snapshot(one, 5).version,
    ]
    assert versions == [0, 1, 2, 2]
    assert not repository.unfollow(one, other).changed


def test_followings_and_followers_are_paged_newest_first(repository):
    one, *others = people(repository, 4)
    for other in others:
        repository.follow(one, other)
        repository.follow(other, one)
    for followed in (True, False):
        first = repository.follows(one, followed, 0, 2)
        rest = repository.follows(one, followed, first[-1][0], 2)
        assert [user.id for _, user in first + rest] == others[::-1]


def test_a_snapshot_leaves_out_what_is_pulled(repository):
    one, star, other = people(repository, 3)
    repository.follow(one, star)
    repository.follow(one, other)
    repository.set_influencer(star, True)
    mine, _, theirs = write(repository, one), write(repository, star), write(repository, other)
    found = repository.snapshot(one, 5)
    assert (list(found.ids), found.floor, list(found.pulled)) == ([theirs, mine], 0, [star])
    assert sorted(found.followings) == [star, other]


def test_a_snapshot_names_the_first_post_that_found_no_room(repository):
    one = person(repository)
    written = [write(repository, one) for _ in range(4)]
    assert repository.snapshot(one, 3).floor == written[0]
    assert repository.authored_snapshot(one, 3).floor == written[0]
    assert repository.authored_snapshot(one, 4).floor == 0


def test_a_deleted_post_is_gone(repository):
    one = person(repository)
    kept, gone = write(repository, one), write(repository, one)
    deleted = repository.delete_post(gone)
    assert (deleted.user_id, list(deleted.post_ids), tasks(deleted.jobs)) == (one, [gone], ["retract", "unindex_posts"])
    assert ids(repository.authored(one, 0, 5)) == [kept]


def test_a_new_name_is_the_user_s_and_that_of_all_posts(repository):
    user = person(repository)
    before, other = write(repository, user), write(repository, person(repository))
    changed = repository.rename(user, "새 이름")
    assert changed.changed and tasks(changed.jobs) == ["rename"] and changed.jobs[0].payload == {"user_id": user}
    after = write(repository, user)
    found = repository.posts([before, after, other])
    assert [found[post].user_name == "새 이름" for post in (before, after, other)] == [True, True, False]
    assert repository.user(user, fresh=True).name == "새 이름"
    assert not repository.rename(user, "새 이름").changed


def test_a_deleted_user_leaves_nothing(repository):
    one, other = people(repository, 2)
    repository.follow(one, other)
    repository.follow(other, one)
    gone = write(repository, one)
    deleted = repository.delete_user(one)
    assert list(deleted.post_ids) == [gone] and tasks(deleted.jobs)[0] == "forget"
    assert repository.page(other, 0, 5) == []
    assert repository.follows(other, True, 0, 5) == repository.follows(other, False, 0, 5) == []


def test_followers_make_an_influencer_and_a_few_less_do_not_end_it(repository):
    star, *fans = people(repository, 4)
    seen = []
    for fan in fans:
        repository.follow(fan, star)
        seen.append(tasks(repository.weigh(star).jobs))
    for fan in fans[:2]:
        repository.unfollow(fan, star)
        seen.append(tasks(repository.weigh(star).jobs))
    assert seen == [[], [], ["announce"], [], ["withdraw"]]


def test_what_was_set_by_hand_is_not_weighed(repository):
    star = person(repository)
    assert tasks(repository.set_influencer(star, True).jobs) == ["announce"]
    assert not repository.set_influencer(star, True).changed
    assert not repository.weigh(star).changed
    assert repository.user(star).influencer


def test_an_announcement_counts_for_its_own_promotion_alone(repository):
    star = person(repository)
    for influencer in (True, False, True):
        repository.set_influencer(star, influencer)
    repository.announced(star, 1)
    assert repository.audience(star, 0, 0, 5, True).author == Author(0, True, False, 3)
    repository.announced(star, 3)
    assert repository.audience(star, 0, 0, 5, True).author == Author(0, True, True, 3)


def test_an_audience_comes_in_chunks_with_versions(repository):
    author, *fans = people(repository, 4)
    for fan in fans:
        repository.follow(fan, author)
    post = write(repository, author)
    first = repository.audience(author, post, 0, 2, False)
    assert first.exists and list(first.followers) == [(fan, 1) for fan in fans[:2]]
    assert list(repository.audience(author, post, fans[1], 2, False).followers) == [(fans[2], 1)]


def test_there_is_no_audience_to_push_to_once_all_pull(repository):
    author, fan = people(repository, 2)
    repository.follow(fan, author)
    post = write(repository, author)
    repository.set_influencer(author, True)
    assert repository.audience(author, post, 0, 5, False).followers
    repository.announced(author, 1)
    assert not repository.audience(author, post, 0, 5, False).followers
    assert repository.audience(author, post, 0, 5, True).followers


def test_an_audience_says_what_is_gone(repository):
    author = person(repository)
    post = write(repository, author)
    repository.delete_post(post)
    assert repository.audience(author, post, 0, 5, False).exists is False
    repository.delete_user(author)
    assert repository.audience(author, post, 0, 5, False).author is None


def fail(repository: FeedRepository, job, times: int) -> list[bool]:
    return [repository.failed(job.id, f"error {number}") for number in range(1, times + 1)]


def parked(repository: FeedRepository, job):
    return [one for one in repository.parked(job.id - 1, 1) if one.job.id == job.id]


def test_a_job_is_parked_when_it_has_failed_too_often(repository):
    job, _ = repository.add_post(person(repository), "text", (), "en").jobs
    assert fail(repository, job, MOST_FAILURES) == [False] * (MOST_FAILURES - 1) + [True]
    [found] = parked(repository, job)
    assert (found.job, found.failures, found.error) == (job, MOST_FAILURES, f"error {MOST_FAILURES}")
    assert 0 <= found.created_at <= found.parked_at


def test_a_job_that_got_on_meanwhile_is_not_parked(repository):
    job, _ = repository.add_post(person(repository), "text", (), "en").jobs
    fail(repository, job, MOST_FAILURES - 1)
    repository.progress(job, 7)
    assert not any(fail(repository, job, MOST_FAILURES - 1))


def test_a_parked_job_can_be_sent_again_and_is_as_a_new_one(repository):
    job, _ = repository.add_post(person(repository), "text", (), "en").jobs
    fail(repository, job, MOST_FAILURES)
    assert repository.unpark([job.id, 1 << 40]) == 1 and repository.unpark([job.id]) == 0
    assert parked(repository, job) == []
    assert fail(repository, job, MOST_FAILURES)[-2:] == [False, True]


def test_a_parked_job_that_is_done_after_all_is_parked_no_more(repository):
    job, _ = repository.add_post(person(repository), "text", (), "en").jobs
    fail(repository, job, MOST_FAILURES)
    repository.done(job.id)
    assert parked(repository, job) == [] and repository.unpark([job.id]) == 0
    assert not repository.failed(job.id, "late")


def test_people_are_found_by_the_beginning_of_a_word_of_their_name(repository):
    word = uuid.uuid4().hex[:10]
    names = [f"{word} Kim", f"Kim {word.upper()}b", f"x{word}", f"{word}%"]
    ids = [repository.create_user(f"{uuid.uuid4().hex}@example.org", name).id for name in names]
    assert [user.id for user in repository.people(word, 0, 9)] == [ids[3], ids[1], ids[0]]
    assert [user.id for user in repository.people(word, ids[3], 1)] == [ids[1]]
    assert [user.id for user in repository.people(f"{word}%", 0, 9)] == [ids[3]]
    assert repository.people("", 0, 1)[0].id >= ids[3]


def test_a_user_is_found_by_the_address_whatever_its_case(repository):
    name = uuid.uuid4().hex
    made = repository.create_user(f"{name}@example.org", "One")
    assert repository.user_by_email(f"{name.upper()}@Example.org") == made
    assert repository.user_by_email(f"{name}@example.com") is None


def test_an_address_changes_unless_it_is_another_ones(repository):
    one, other = (repository.create_user(f"{uuid.uuid4().hex}@example.org", "A") for _ in range(2))
    wanted = f"{uuid.uuid4().hex}@example.org"
    assert repository.change_email(one.id, wanted).email == wanted
    assert repository.user_by_email(wanted).id == one.id and repository.user_by_email(one.email) is None
    assert repository.change_email(one.id, wanted.upper()).email == wanted.upper()
    with pytest.raises(Conflict):
        repository.change_email(other.id, wanted)
    assert repository.user(other.id, fresh=True).email == other.email
    with pytest.raises(NotFound):
        repository.change_email(MOST, "nobody@example.org")
