"""Pages without end."""

from riverline_crawler.reading.spider_traps import SpiderTraps


def test_a_calendar_ends_where_too_many_addresses_differ_in_numbers_alone() -> None:
    traps = SpiderTraps(10)
    refusals = [traps.refusal(f"http://a.example/calendar/{n}", "t") for n in range(12)]
    assert refusals == [""] * 10 + ["trap"] * 2


def test_one_path_has_so_many_queries_and_no_more() -> None:
    traps = SpiderTraps(10)
    assert [traps.refusal(f"http://a.example/list?filter=x{c}", "t") for c in "abcdefghijkl"].count("trap") == 2
    assert traps.refusal("http://a.example/other?filter=a", "t") == ""


def test_hosts_and_targets_are_counted_apart() -> None:
    traps = SpiderTraps(10)
    for n in range(10):
        traps.refusal(f"http://a.example/{n}", "t")
    assert traps.refusal("http://b.example/99", "t") == ""
    assert traps.refusal("http://a.example/99", "u") == ""


def test_a_path_that_repeats_itself_is_a_trap() -> None:
    assert SpiderTraps(10).refusal("http://a.example/a/b/a/b/a/b/a/b", "t") == "trap"
    assert SpiderTraps(10).refusal("http://a.example/a/b/a/b", "t") == ""


def test_what_was_taken_in_an_earlier_round_counts() -> None:
    traps = SpiderTraps(10)
    for n in range(10):
        traps.count(f"http://a.example/{n}", "t")
    assert traps.refusal("http://a.example/99", "t") == "trap"
    traps.forget("t")
    assert traps.refusal("http://a.example/99", "t") == ""
