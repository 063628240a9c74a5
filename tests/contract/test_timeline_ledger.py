"""What the ledger of users, followings and posts does: the same suite for MySQL and for its in-memory twin."""

import uuid
from collections.abc import Iterator

import pytest

from riverline.errors import Conflict, NotFound
from riverline.stores.memory_ledger import MemoryLedger
from riverline.timeline.influence import Thresholds
from riverline.timeline.ports import Author, Ledger

THRESHOLDS = Thresholds(up=3, down=2)


@pytest.fixture(params=["memory", pytest.param("mysql", marks=pytest.mark.integration)])
def ledger(request) -> Iterator[Ledger]:
    if request.param == "memory":
        yield MemoryLedger(THRESHOLDS)
        return
    from riverline.stores.ledger import MysqlLedger
    from riverline.stores.mysql import Mysql

    mysql = Mysql(request.getfixturevalue("stack"))
    yield MysqlLedger(mysql, THRESHOLDS)
    mysql.close()


def person(ledger: Ledger) -> int:
    name = uuid.uuid4().hex[:12]
    return ledger.create_user(f"{name}@example.org", name).id


def people(ledger: Ledger, count: int) -> list[int]:
    return [person(ledger) for _ in range(count)]


def write(ledger: Ledger, user: int, contents: str = "text") -> int:
    return ledger.add_post(user, contents, ("tag",), "ko-KR").post.id


def ids(posts) -> list[int]:
    return [post.id for post in posts]


def tasks(jobs) -> list[str]:
    return [job.task for job in jobs]


def test_a_user_is_found_as_created(ledger):
    made = ledger.create_user(f"{uuid.uuid4().hex}@example.org", "이름 🙂")
    assert ledger.user(made.id) == made
    assert made.name == "이름 🙂" and made.influencer is False


def test_an_address_is_taken_once_whatever_its_case(ledger):
    name = uuid.uuid4().hex
    ledger.create_user(f"{name}@example.org", "One")
    with pytest.raises(Conflict):
        ledger.create_user(f"{name.upper()}@example.org", "Other")


def test_who_is_not_there_is_not_found(ledger):
    for ask in (
        lambda: ledger.user(1 << 40),
        lambda: ledger.delete_user(1 << 40),
        lambda: ledger.page(1 << 40, 0, 5),
        lambda: ledger.snapshot(1 << 40, 5),
        lambda: ledger.add_post(1 << 40, "", (), "en"),
        lambda: ledger.delete_post(1 << 40),
        lambda: ledger.set_influencer(1 << 40, True),
        lambda: ledger.follow(1 << 40, person(ledger)),
        lambda: ledger.follow(person(ledger), 1 << 40),
    ):
        with pytest.raises(NotFound):
            ask()


def test_a_post_is_found_as_written(ledger):
    user = person(ledger)
    posted = ledger.add_post(user, "안녕 🙂\n", ("하나", "two"), "ko-KR")
    assert ledger.posts([posted.post.id, 1 << 40]) == {posted.post.id: posted.post}
    assert posted.post.tags == ("하나", "two")
    assert tasks(posted.jobs) == ["fan_out", "index_post"]


def test_a_timeline_is_the_posts_of_the_followed_and_ones_own(ledger):
    one, other, stranger = people(ledger, 3)
    ledger.follow(one, other)
    first, second, _, third = (write(ledger, user) for user in (one, other, stranger, one))
    assert ids(ledger.page(one, 0, 10)) == [third, second, first]
    assert ids(ledger.page(one, third, 1)) == [second]


def test_a_timeline_of_many_followings_is_the_same(ledger):
    reader, *authors = people(ledger, 105)
    for author in authors:
        ledger.follow(reader, author)
    written = [write(ledger, author) for author in authors[:20]]
    assert ids(ledger.page(reader, 0, 100)) == written[::-1]
    assert ids(ledger.page(reader, 0, 5)) == written[:-6:-1]
    assert list(ledger.snapshot(reader, 5).ids) == written[:-6:-1]


def test_following_twice_is_one_change(ledger):
    one, other = people(ledger, 2)
    first = ledger.follow(one, other)
    assert first.changed and tasks(first.jobs) == ["refresh"]
    again = ledger.follow(one, other)
    assert not again.changed and not again.jobs


def test_each_change_of_followings_is_counted(ledger):
    one, other = people(ledger, 2)
    versions = [
        ledger.snapshot(one, 5).version,
        ledger.follow(one, other).version,
        ledger.unfollow(one, other).version,
        ledger.snapshot(one, 5).version,
    ]
    assert versions == [0, 1, 2, 2]
    assert not ledger.unfollow(one, other).changed


def test_followings_and_followers_are_paged_newest_first(ledger):
    one, *others = people(ledger, 4)
    for other in others:
        ledger.follow(one, other)
        ledger.follow(other, one)
    for followed in (True, False):
        first = ledger.follows(one, followed, 0, 2)
        rest = ledger.follows(one, followed, first[-1][0], 2)
        assert [user.id for _, user in first + rest] == others[::-1]


def test_a_snapshot_leaves_out_what_is_pulled(ledger):
    one, star, other = people(ledger, 3)
    ledger.follow(one, star)
    ledger.follow(one, other)
    ledger.set_influencer(star, True)
    mine, _, theirs = write(ledger, one), write(ledger, star), write(ledger, other)
    found = ledger.snapshot(one, 5)
    assert (list(found.ids), found.floor, list(found.pulled)) == ([theirs, mine], 0, [star])
    assert sorted(found.followings) == [star, other]


def test_a_snapshot_names_the_first_post_that_found_no_room(ledger):
    one = person(ledger)
    written = [write(ledger, one) for _ in range(4)]
    assert ledger.snapshot(one, 3).floor == written[0]
    assert ledger.authored_snapshot(one, 3).floor == written[0]
    assert ledger.authored_snapshot(one, 4).floor == 0


def test_a_deleted_post_is_gone(ledger):
    one = person(ledger)
    kept, gone = write(ledger, one), write(ledger, one)
    deleted = ledger.delete_post(gone)
    assert (deleted.user_id, list(deleted.post_ids), tasks(deleted.jobs)) == (one, [gone], ["retract", "unindex_posts"])
    assert ids(ledger.authored(one, 0, 5)) == [kept]


def test_a_deleted_user_leaves_nothing(ledger):
    one, other = people(ledger, 2)
    ledger.follow(one, other)
    ledger.follow(other, one)
    gone = write(ledger, one)
    deleted = ledger.delete_user(one)
    assert list(deleted.post_ids) == [gone] and tasks(deleted.jobs)[0] == "forget"
    assert ledger.page(other, 0, 5) == []
    assert ledger.follows(other, True, 0, 5) == ledger.follows(other, False, 0, 5) == []


def test_followers_make_an_influencer_and_a_few_less_do_not_end_it(ledger):
    star, *fans = people(ledger, 4)
    seen = []
    for fan in fans:
        ledger.follow(fan, star)
        seen.append(tasks(ledger.weigh(star).jobs))
    for fan in fans[:2]:
        ledger.unfollow(fan, star)
        seen.append(tasks(ledger.weigh(star).jobs))
    assert seen == [[], [], ["announce"], [], ["withdraw"]]


def test_what_was_set_by_hand_is_not_weighed(ledger):
    star = person(ledger)
    assert tasks(ledger.set_influencer(star, True).jobs) == ["announce"]
    assert not ledger.set_influencer(star, True).changed
    assert not ledger.weigh(star).changed
    assert ledger.user(star).influencer


def test_an_announcement_counts_for_its_own_promotion_alone(ledger):
    star = person(ledger)
    for influencer in (True, False, True):
        ledger.set_influencer(star, influencer)
    ledger.announced(star, 1)
    assert ledger.audience(star, 0, 0, 5, True).author == Author(0, True, False, 3)
    ledger.announced(star, 3)
    assert ledger.audience(star, 0, 0, 5, True).author == Author(0, True, True, 3)


def test_an_audience_comes_in_chunks_with_versions(ledger):
    author, *fans = people(ledger, 4)
    for fan in fans:
        ledger.follow(fan, author)
    post = write(ledger, author)
    first = ledger.audience(author, post, 0, 2, False)
    assert first.exists and list(first.followers) == [(fan, 1) for fan in fans[:2]]
    assert list(ledger.audience(author, post, fans[1], 2, False).followers) == [(fans[2], 1)]


def test_there_is_no_audience_to_push_to_once_all_pull(ledger):
    author, fan = people(ledger, 2)
    ledger.follow(fan, author)
    post = write(ledger, author)
    ledger.set_influencer(author, True)
    assert ledger.audience(author, post, 0, 5, False).followers
    ledger.announced(author, 1)
    assert not ledger.audience(author, post, 0, 5, False).followers
    assert ledger.audience(author, post, 0, 5, True).followers


def test_an_audience_says_what_is_gone(ledger):
    author = person(ledger)
    post = write(ledger, author)
    ledger.delete_post(post)
    assert ledger.audience(author, post, 0, 5, False).exists is False
    ledger.delete_user(author)
    assert ledger.audience(author, post, 0, 5, False).author is None
