"""Merging lists that are known down to a floor."""

from hypothesis import given
from hypothesis import strategies as st

from riverline.feed.window import TimelineWindow, answers, merged, window

lists = st.lists(st.sets(st.integers(1, 60), max_size=20), min_size=1, max_size=5)
floors = st.lists(st.integers(0, 40), min_size=5, max_size=5)
counts = st.integers(1, 25)


def asked(ids: set[int], floor: int, count: int) -> TimelineWindow:
    """What a list complete above its floor answers."""
    return window(sorted((one for one in ids if one > floor), reverse=True)[:count], count, floor)


@given(lists, floors, counts)
def test_what_is_merged_is_the_beginning_of_the_whole(sets, lows, count):
    whole = sorted(set().union(*sets), reverse=True)
    found = merged([asked(ids, floor, count) for ids, floor in zip(sets, lows, strict=False)], count)
    assert list(found.ids) == whole[: len(found.ids)]


@given(lists, floors, counts)
def test_an_answer_that_counts_as_whole_is_whole(sets, lows, count):
    whole = sorted(set().union(*sets), reverse=True)
    found = merged([asked(ids, floor, count) for ids, floor in zip(sets, lows, strict=False)], count)
    if answers(found, count):
        assert list(found.ids) == whole[:count]


@given(lists, counts)
def test_without_floors_every_question_is_answered(sets, count):
    assert answers(merged([asked(ids, 0, count) for ids in sets], count), count)


def test_a_full_window_knows_down_to_its_last_id():
    assert window([9, 7], 2, floor=3) == TimelineWindow([9, 7], 7)


def test_a_window_that_is_not_full_knows_down_to_the_floor():
    assert window([9], 2, floor=3) == TimelineWindow([9], 4)
    assert window([9], 2, floor=0) == TimelineWindow([9], 0)


def test_what_one_list_does_not_know_hides_what_the_others_have_below():
    found = merged([window([50], 3, floor=40), window([60, 45, 30], 3, floor=0)], 3)
    assert list(found.ids) == [60, 50, 45]
    assert not answers(merged([window([50], 4, floor=40), window([60, 45, 30, 20], 4, floor=0)], 4), 4)
