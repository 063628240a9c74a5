"""Who is an influencer, cursors, and what a post says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverline.errors import Invalid
from riverline.feed import cursor
from riverline.feed.body import body, fields
from riverline.feed.influence import Thresholds, becomes, is_pulled_only
from riverline.model import Post
from riverline.times import rfc3339


@given(st.booleans(), st.integers(0, 30))
def test_between_the_thresholds_nothing_changes(influencer, followers):
    thresholds = Thresholds(up=20, down=10)
    wanted = becomes(influencer, followers, thresholds)
    assert wanted is (True if followers >= 20 else False if followers < 10 else influencer)


@given(st.booleans(), st.integers(0, 30))
def test_a_decision_once_made_stays(influencer, followers):
    thresholds = Thresholds(up=20, down=10)
    wanted = becomes(influencer, followers, thresholds)
    assert becomes(wanted, followers, thresholds) is wanted


@pytest.mark.parametrize(("up", "down"), [(1, 2), (1, 0), (0, 0)])
def test_thresholds_that_contradict_each_other_are_refused(up, down):
    with pytest.raises(ValueError, match="down"):
        Thresholds(up, down)


def test_posts_are_pushed_until_all_timelines_pull():
    assert [is_pulled_only(True, False), is_pulled_only(True, True), is_pulled_only(False, True)] == [
        False,
        True,
        False,
    ]


@given(st.integers(1, cursor.MOST - 1), st.text(max_size=20))
def test_a_cursor_says_where_its_page_ended(last, of):
    assert cursor.decoded(cursor.encoded(last, of), of) == last


@given(st.text(max_size=64))
def test_any_other_text_is_no_cursor(text):
    with pytest.raises(Invalid):
        cursor.decoded(text, "timeline:7")


def test_a_cursor_belongs_to_one_list():
    with pytest.raises(Invalid, match="another list"):
        cursor.decoded(cursor.encoded(5, "timeline:7"), "timeline:8")


@given(st.text(st.characters(exclude_categories=("Cs",)), max_size=50), st.integers(0, 4_000_000_000_000))
def test_a_body_says_what_the_post_says(contents, at):
    said = fields(body(Post(5, 7, contents, "이름", ("tag",), "ko-KR", at)))
    assert (said["id"], said["user_id"], said["contents"], said["tags"]) == (5, 7, contents, ["tag"])
    assert said["created_at"] == rfc3339(at)


def test_times_are_in_utc_to_the_millisecond():
    assert rfc3339(1_760_000_000_007) == "2025-10-09T08:53:20.007Z"
