"""What searches showed is known at once, noted soon, and known to other processes then."""

import time

from riverline.errors import Transient
from riverline.testing.memory_key_value import MemoryKeyValue
from riverline_api.resources.impressions import Impressions, grouped

DEADLINE = 10


class Away(MemoryKeyValue):
    """A scratch whose server is away."""

    def note(self, key, values, seconds):
        raise Transient("away")


def until(holds) -> None:
    end = time.monotonic() + DEADLINE
    while not holds():
        assert time.monotonic() < end, "it does not come true"
        time.sleep(0.005)


def test_what_was_shown_is_known_before_it_is_noted():
    shown = Impressions(Away, sleep=lambda _: None)
    shown._start = lambda: None
    shown.note("a", ("https://a.example/",))
    assert shown.urls("a") == ("https://a.example/",)


def test_what_was_shown_is_noted_for_other_processes():
    key_value = MemoryKeyValue()
    here, there = Impressions(lambda: key_value), Impressions(lambda: key_value)
    for name in "abc":
        here.note(name, (f"https://{name}.example/",))
    until(lambda: there.urls("c") is not None)
    assert there.urls("a") == ("https://a.example/",)


def test_who_asks_too_soon_looks_once_more():
    key_value = MemoryKeyValue()
    here = Impressions(lambda: key_value)
    here._start = lambda: None
    here.note("a", ("https://a.example/",))
    there = Impressions(lambda: key_value, sleep=lambda _: here.flush())
    assert there.urls("a") == ("https://a.example/",)


def test_nobody_knows_what_was_not_shown():
    assert Impressions(MemoryKeyValue, sleep=lambda _: None).urls("a") is None


def test_what_cannot_be_noted_is_forgotten():
    shown = Impressions(Away, sleep=lambda _: None)
    shown.note("a", ("https://a.example/",))
    until(lambda: shown.urls("a") is None)


def test_a_page_that_several_were_shown_is_noted_once():
    page, other = ("https://a.example/",), ("https://b.example/",)
    notes = grouped({"00000000a": page, "00000000b": page, "00000000c": other, "11111111d": page})
    assert notes == {
        "SHOWN_00000000": {
            "00000000a": b'["https://a.example/"]',
            "00000000b": b"00000000a",
            "00000000c": b'["https://b.example/"]',
        },
        "SHOWN_11111111": {"11111111d": b'["https://a.example/"]'},
    }


def test_every_search_knows_what_it_showed_whoever_else_was_shown_the_same():
    key_value = MemoryKeyValue()
    here, there = Impressions(lambda: key_value), Impressions(lambda: key_value, sleep=lambda _: None)
    here._start = lambda: None
    for name in ("00000000a", "00000000b"):
        here.note(name, ("https://a.example/",))
    here.flush()
    assert there.urls("00000000a") == there.urls("00000000b") == ("https://a.example/",)
    assert there.urls("00000000c") is None
