"""Session ids are recognised by what a site does with them."""

import pytest

from riverline_crawler.reading.session_ids import ENOUGH, SessionIds


def session(number: int) -> str:
    return f"{number:02}" * 16


def learned(bodies: list[bytes], name: str = "visit") -> SessionIds:
    """What is known after one page was read under as many values."""
    ids = SessionIds()
    for number, body in enumerate(bodies):
        ids.learn(f"http://a.example/list?page=1&{name}={session(number)}", body, "t")
    return ids


def test_a_parameter_under_whose_values_a_page_stays_the_same_is_a_session_id() -> None:
    ids = learned([b"<a href='/next?visit=%s'>The list</a>" % session(n).encode() for n in range(ENOUGH + 1)])
    assert ids.repeats(f"http://a.example/list?page=1&visit={session(99)}", "t")


def test_a_page_that_was_not_read_is_never_left_out() -> None:
    ids = learned([b"The list"] * 20)
    assert not ids.repeats(f"http://a.example/list?page=2&visit={session(99)}", "t")
    assert not ids.repeats(f"http://a.example/other?visit={session(99)}", "t")
    assert not ids.repeats(f"http://b.example/list?page=1&visit={session(99)}", "t")
    assert not ids.repeats(f"http://a.example/list?page=1&visit={session(99)}", "another target")


def test_pages_that_differ_make_no_session_id_whatever_its_name() -> None:
    ids = learned([b"Talk %d" % number for number in range(20)], name="session_id")
    assert not ids.repeats(f"http://a.example/list?page=1&session_id={session(99)}", "t")


def test_one_page_that_differs_begins_the_count_anew() -> None:
    ids = learned([b"The list"] * ENOUGH + [b"Another"] + [b"Another"] * (ENOUGH - 1))
    assert not ids.repeats(f"http://a.example/list?page=1&visit={session(99)}", "t")


def test_the_same_address_in_another_round_says_nothing() -> None:
    ids = SessionIds()
    for _ in range(20):
        ids.learn(f"http://a.example/?visit={session(1)}", b"Hello", "t")
    assert not ids.repeats(f"http://a.example/?visit={session(2)}", "t")


def test_short_values_number_pages() -> None:
    ids = SessionIds()
    for number in range(20):
        ids.learn(f"http://a.example/?id={number}", b"Not found", "t")
    assert not ids.repeats("http://a.example/?id=99", "t")


@pytest.mark.parametrize("value", ["{:010}", "2025-03-{:02}", "202503{:02}", "12.34.56{:02}"])
def test_pages_of_numbers_and_days_may_be_alike(value: str) -> None:
    ids = SessionIds()
    for number in range(20):
        ids.learn(f"http://a.example/?post={value.format(number)}", b"This post was deleted.", "t")
    assert not ids.repeats(f"http://a.example/?post={value.format(99)}", "t")


def test_what_a_target_taught_goes_with_it() -> None:
    ids = learned([b"The list"] * 20)
    ids.forget("t")
    assert not ids.repeats(f"http://a.example/list?page=1&visit={session(99)}", "t")
