"""An incident is told once, again after a while, and its end once; values between the thresholds change nothing."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from riverline.monitoring.contracts import Incident, Silence
from riverline_monitor.rule_evaluation import GONE_MS, Kind
from riverline_monitor.rules import AlertRule
from tests.unit.monitor.watching import NOW, PAUSE, Watch

RULE = AlertRule(
    name="full",
    series="disk_used",
    above=0.8,
    clear=0.6,
    holds=10,
    calm=20,
    severity="warning",
    en="The disk is too full.",
    ko="디스크가 너무 찼습니다.",
)


def seen(*values, **options):
    watch = Watch([RULE], **options)
    for value in values:
        watch.see_all({} if value is None else {"disk_used/a": value})
    return watch


def kinds(watch):
    return [(when, kind) for when, kind, _, _ in watch.said]


def test_an_incident_begins_when_its_condition_has_held_and_is_told_once():
    assert kinds(seen(*[0.9] * 20)) == [(10, Kind.BEGINS)]


def test_a_condition_that_holds_too_shortly_is_nothing():
    assert seen(0.9, 0.9, 0.5, 0.9, 0.9, 0.5).notifications == []


def test_it_is_over_when_it_has_been_well_for_long_enough():
    watch = seen(*[0.9] * 4, *[0.5] * 6)
    assert kinds(watch) == [(10, Kind.BEGINS), (40, Kind.OVER)]
    assert watch.open == set()


def test_between_the_thresholds_nothing_changes():
    assert kinds(seen(*[0.9] * 4, *[0.7] * 50)) == [(10, Kind.BEGINS)]
    assert seen(*[0.7] * 50).notifications == []


def test_an_incident_that_goes_on_is_told_again_after_a_while():
    watch = seen(*[0.9] * 20, repeat=30.0)
    assert kinds(watch) == [(10, Kind.BEGINS), (40, Kind.GOES_ON), (70, Kind.GOES_ON)]


def test_each_subject_stands_for_itself():
    watch = Watch([RULE])
    for _ in range(4):
        watch.see_all({"disk_used/a": 0.9, "disk_used/b": 0.1})
    assert [said[3] for said in watch.said] == ["a"]


def test_while_nothing_is_known_an_incident_goes_on():
    watch = seen(*[0.9] * 4, *[None] * 50)
    assert (kinds(watch), watch.open) == ([(10, Kind.BEGINS)], {"full"})


def test_a_subject_that_is_gone_for_long_has_no_incident():
    watch = seen(*[0.9] * 4, *[None] * (GONE_MS // PAUSE + 2))
    assert [kind for _, kind in kinds(watch)] == [Kind.BEGINS, Kind.OVER]


def test_after_a_restart_an_incident_goes_on_and_is_not_told_again():
    known = Incident("full", "a", "warning", NOW - 60_000, 0.9, "full", told=NOW - 50_000)
    watch = seen(*[0.9] * 10, known=[known])
    assert watch.notifications == []
    for _ in range(6):
        watch.see_all({"disk_used/a": 0.1})
    ((_, over),) = watch.notifications
    assert (over.kind, over.incident.since) == (Kind.OVER, NOW - 60_000)


def test_what_was_not_sent_before_a_restart_is_sent_after_it():
    known = Incident("full", "a", "warning", NOW - 60_000, 0.9, "full")
    assert kinds(seen(0.9, known=[known])) == [(0, Kind.BEGINS)]


def silenced(until, values):
    watch = Watch([RULE])
    watch.silences = [Silence(1, "full", "", until, "")]
    for value in values:
        watch.see_all({"disk_used/a": value})
    return watch


def test_what_is_silenced_is_not_told_and_its_end_neither():
    watch = silenced(NOW + 10**9, [*[0.9] * 5, *[0.1] * 6])
    assert (watch.notifications, watch.open) == ([], set())


def test_when_the_silence_ends_first_it_is_told():
    assert kinds(silenced(NOW + 30_000, [0.9] * 10)) == [(30, Kind.BEGINS)]


def test_a_silence_of_one_subject_covers_no_other():
    silence = Silence(1, "full", "a", NOW, "")
    assert silence.covers("full", "a", NOW - 1)
    assert not silence.covers("full", "b", NOW - 1)
    assert not silence.covers("other", "a", NOW - 1)
    assert not silence.covers("full", "a", NOW)
    assert replace(silence, rule="*", subject="").covers("other", "b", NOW - 1)


VALUES = st.lists(st.sampled_from([0.1, 0.59, 0.61, 0.7, 0.79, 0.81, 0.99, None]), max_size=200)


@given(VALUES)
def test_beginnings_and_ends_alternate_whatever_is_seen(values):
    told = [kind for _, kind in kinds(seen(*values, repeat=10**9))]
    assert told == [Kind.BEGINS, Kind.OVER] * (len(told) // 2) + [Kind.BEGINS] * (len(told) % 2)


@given(VALUES)
def test_an_incident_begins_only_after_it_held_and_ends_only_after_it_was_well(values):
    for when, kind in kinds(seen(*values, repeat=10**9)):
        newest = when * 1000 // PAUSE
        # Unknown samples between say nothing against it; the known ones must all speak for it.
        if kind is Kind.BEGINS:
            assert all(value > 0.8 for value in values[newest - 2 : newest + 1])
        else:
            known = [value for value in values[newest - 4 : newest + 1] if value is not None]
            assert all(value <= 0.6 for value in known)


@given(st.lists(st.floats(0.6001, 0.7999), max_size=100), st.booleans())
def test_within_the_hysteresis_nothing_ever_flaps(values, begun):
    watch = seen(*([0.9] * 3 if begun else []), *values)
    assert len(watch.notifications) == begun
