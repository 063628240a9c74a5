"""Bodies that a process holds for itself, while no node knows of a deletion."""

from riverline.feed.body_cache import LARGEST, MOST_BODIES, MOST_SECONDS, BodyCache


def test_what_was_held_is_held_while_all_counts_stay_the_same():
    near = BodyCache()
    near.heard(b"one", b"0")
    near.heard(b"other", b"5")
    near.keep(near.held, 1, b"{}")
    near.heard(b"one", b"0")
    near.heard(b"other", b"5")
    assert near.held == {1: b"{}"}


def test_a_deletion_that_any_node_was_told_of_ends_all():
    near = BodyCache()
    near.heard(b"one", b"0")
    near.heard(b"other", b"5")
    near.keep(near.held, 1, b"{}")
    near.heard(b"other", b"6")
    assert near.held == {}


def test_a_node_that_was_never_heard_ends_all():
    near = BodyCache()
    near.heard(b"one", b"0")
    near.keep(near.held, 1, b"{}")
    near.heard(b"promoted", b"0")
    assert near.held == {}


def test_a_fetch_that_a_deletion_crosses_adds_nothing():
    near = BodyCache()
    near.heard(b"one", b"0")
    before = near.held
    near.heard(b"one", b"1")
    near.keep(before, 1, b"{}")
    assert near.held == {}


def test_nothing_is_held_for_long_whatever_the_counts_say():
    now = 0.0
    near = BodyCache(lambda: now)
    near.heard(b"one", b"0")
    near.keep(near.held, 1, b"{}")
    now = MOST_SECONDS
    near.heard(b"one", b"0")
    assert near.held == {}


def test_large_bodies_and_those_that_find_no_room_are_not_held():
    near = BodyCache()
    near.heard(b"one", b"0")
    near.keep(near.held, 0, b" " * (LARGEST + 1))
    assert near.held == {}
    for post_id in range(MOST_BODIES + 1):
        near.keep(near.held, post_id, b"{}")
    assert len(near.held) == MOST_BODIES
