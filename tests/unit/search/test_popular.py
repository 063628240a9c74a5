"""What may be shown of what people search for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from riverline.search.popular import LONGEST, WEEK_MS, is_bot, period, person, suggestible


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ('  River  "Walk at night" -boat site:a.example tag:x author:kim ', "river walk at night"),
        ("\u1112\u1161\u11ab\u1100\u1161\u11bc", "한강"),
        ("covid 2026", "covid 2026"),
        ("iphone 15", "iphone 15"),
        ("site:a.example", ""),
        ("x" * (LONGEST + 1), ""),
    ],
)
def test_a_query_is_shown_folded_and_without_operators(typed, shown):
    assert suggestible(typed) == shown


@pytest.mark.parametrize(
    "typed",
    [
        *("kim@mail.example", "write to kim.minji@mail.example", "010-1234-5678", "+82 10 1234 5678", "010.1234.5678"),
        *("900101-1234567", "4111 1111 1111 1111", "12345", "my pin 9 8 7 6 5", "http://a.example/x", "www.a.example"),
        *("(02) 123 4567", "０１０-１２３４-５６７８", "kim＠mail.example"),
    ],
)
def test_what_looks_like_somebodys_own_is_shown_to_nobody(typed):
    assert suggestible(typed) == ""


@given(st.text(max_size=100))
def test_what_is_shown_may_be_shown(typed):
    shown = suggestible(typed)
    assert len(shown) <= LONGEST and "@" not in shown
    assert suggestible(shown) in (shown, "")


@pytest.mark.parametrize(
    ("agent", "bot"),
    [
        *(("Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/130.0", False), ("", True), ("curl/8.5.0", False)),
        *(("Mozilla/5.0 (compatible; Yeti/1.1; +https://naver.me/spd; bot)", True), ("python-httpx/0.28", False)),
        *(("Mozilla/5.0 AppleWebKit/537.36 (compatible; Googlebot/2.1)", True), ("Baiduspider", True)),
        ("Mozilla/5.0 AppleWebKit/537.36 HeadlessChrome/130.0", True),
    ],
)
def test_bots_are_told_by_what_they_say_of_themselves(agent, bot):
    assert is_bot(agent) is bot


def test_a_person_has_one_name_for_one_thing_and_one_week():
    salt, other = b"s" * 32, b"t" * 32
    names = [person(salt, "user 7", "river"), person(salt, "user 7", "boat"), person(salt, "user 8", "river")]
    names += [person(other, "user 7", "river"), person(salt, "address 7", "river")]
    assert len(set(names)) == 5 and person(salt, "user 7", "river") == names[0]
    assert all(len(name) == 32 and name != "7" for name in names)
    assert period(10 * WEEK_MS - 1) == 9 and period(10 * WEEK_MS) == 10
