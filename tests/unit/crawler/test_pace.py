"""How a host is treated."""

import pytest

from riverline_crawler.scheduling.pace import MAX_CRAWL_DELAY, MAX_PAUSE, Pace, retry_after


def test_the_next_request_comes_an_interval_after_the_answer() -> None:
    pace = Pace(interval=0.5, concurrency=1)
    pace.started(10.0)
    pace.ended(10.2)
    assert pace.ready_at == 10.7


def test_a_host_that_answers_late_gets_a_second_request_beside_the_first() -> None:
    pace = Pace(interval=0.5, concurrency=2)
    pace.started(10.0)
    assert pace.free
    assert pace.ready_at == 11.5


def test_a_request_that_is_held_up_for_a_second_is_still_an_interval_ahead_of_the_next() -> None:
    for interval in (0.1, 0.25, 1.0, 60.0):
        pace = Pace(interval, concurrency=2)
        pace.started(0.0)
        assert pace.ready_at - 1.0 >= interval


def test_no_more_requests_are_in_flight_than_the_target_allows() -> None:
    pace = Pace(interval=0.5, concurrency=2)
    pace.started(10.0)
    pace.started(11.0)
    assert not pace.free


def test_a_crawl_delay_counts_from_the_last_answer_one_request_at_a_time() -> None:
    pace = Pace(interval=0.1, concurrency=4)
    pace.obey(2.0, now=5.0)
    assert pace.ready_at == 7.0
    pace.started(7.0)
    assert not pace.free
    pace.ended(9.0)
    assert pace.ready_at == 11.0


def test_a_crawl_delay_is_obeyed_up_to_a_bound() -> None:
    pace = Pace(interval=0.1, concurrency=4)
    pace.obey(3_600.0, now=0.0)
    assert pace.ready_at == MAX_CRAWL_DELAY == 120.0
    pace.obey(3_600.0, now=0.0, most=900.0)
    assert pace.ready_at == 900.0


def test_a_crawl_delay_below_the_interval_does_not_speed_the_crawl_up() -> None:
    pace = Pace(interval=5.0, concurrency=4)
    pace.obey(1.0, now=0.0)
    pace.started(1.0)
    pace.ended(2.0)
    assert pace.ready_at == 7.0


def test_a_crawl_delay_keeps_to_one_request_at_a_time_whatever_targets_allow() -> None:
    pace = Pace(interval=0.1, concurrency=8)
    pace.obey(2.0, now=0.0)
    pace.set(rate=4.0, concurrency=16)
    assert (pace.interval, pace.concurrency) == (0.25, 1)


def test_a_retry_after_holds_the_host_that_long() -> None:
    pace = Pace(interval=0.1, concurrency=1)
    pace.started(0.0)
    pace.ended(1.0)
    assert pace.failed(1.0, 20.0) == 20.0
    assert pace.ready_at == 21.0


def test_pauses_grow_with_failures_in_a_row_and_start_anew_after_an_answer() -> None:
    pace = Pace(interval=0.1, concurrency=1)
    assert [pace.failed(0.0) for _ in range(4)] == [1.0, 2.0, 4.0, 8.0]
    pace.worked()
    assert pace.failed(0.0) == 1.0


def test_no_pause_is_longer_than_ten_minutes() -> None:
    pace = Pace(interval=0.1, concurrency=1)
    assert pace.failed(0.0, 86_400.0) == MAX_PAUSE == 600.0
    assert max(pace.failed(0.0) for _ in range(50)) == MAX_PAUSE


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("120", 120.0),
        (" 0 ", 0.0),
        ("Fri, 31 Dec 1999 23:59:59 GMT", 59.0),
        ("Fri, 31 Dec 1999 23:00:00 GMT", 0.0),
        ("soon", None),
        ("", None),
        ("-5", None),
    ],
)
def test_a_retry_after_is_read_as_seconds_or_as_a_date(header: str, seconds: float | None) -> None:
    assert retry_after(header, wall_clock=946_684_740.0) == seconds
