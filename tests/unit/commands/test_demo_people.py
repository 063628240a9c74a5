"""`riverline load-demo --people`: there is something in the feed, the search and the statistics at once."""

import random

import pytest

from riverline.errors import Invalid
from riverline.search.query import Query
from riverline_commands.demo_people import DAY_MS, NAMES, SEARCHES, enliven
from tests.support.site import empty
from tests.unit.api.conftest import document

NOW = 1_760_000_000_000


@pytest.fixture
def site():
    made = empty(lambda: NOW)
    made.index.write([document("/river", title="A river walk"), document("/hangang", title="한강 자전거길")], [])
    made.index.refresh()
    return made


def deliver(site):
    """What the sweep of the outbox does."""
    while jobs := site.feed.repository.overdue(1000):
        site.jobs.extend(jobs)
        site.deliver()


def test_people_write_follow_and_search(site):
    made = enliven(site.services, random.Random(1))
    assert made.people == len(NAMES) and made.followings > 40 and made.posts > 30
    assert made.searches == len(site.index.searches) == SEARCHES and made.clicks > 20
    assert all(NOW - 14 * DAY_MS < one.created_at <= NOW for one in site.index.searches.values())


def test_what_they_write_is_searchable_and_in_the_feeds_of_those_who_follow(site):
    enliven(site.services, random.Random(1))
    deliver(site)
    site.index.refresh()
    posts = site.index.search(Query(source="post", limit=100), NOW)
    assert {hit.locale for hit in posts.hits} == {"ko-KR", "en-US"}
    feeds = [site.feed.reader.read(user.id, 20).entries for user in site.feed.repository.people("", 0, 50)]
    assert all(feeds)


def test_some_search_in_vain_and_words_are_popular(site):
    enliven(site.services, random.Random(1))
    assert site.index.zero_result_searches(NOW - 14 * DAY_MS, 5)
    assert {"한강", "river walk"} & {word for word, *_ in site.index.popular(NOW - 14 * DAY_MS, "", 20, 3)}


def test_the_same_seed_makes_the_same_and_twice_is_refused(site):
    first = enliven(site.services, random.Random(7))
    other = empty(lambda: NOW)
    other.index.write([document("/river", title="A river walk"), document("/hangang", title="한강 자전거길")], [])
    other.index.refresh()
    assert enliven(other.services, random.Random(7)) == first
    with pytest.raises(Invalid, match="already exist"):
        enliven(site.services, random.Random(7))
