"""What is concluded from the log of an archive's proxy."""

import pytest

from bench.archive_judge import Allowed, Line, is_sendable, judged

ALLOWED = Allowed({("a.example", "/x"), ("a.example", "/y")}, {("a.example", "/private")}, {"slow.example": 1.0})


def line(at: float, path: str, host: str = "a.example", status: int = 200) -> Line:
    return {"time": at, "answered": at + 0.01, "host": host, "path": path, "status": status, "bytes": 10}


def test_a_crawl_that_brings_all_at_the_rate_holds() -> None:
    found = judged([line(0.0, "/robots.txt"), line(0.1, "/x"), line(0.2, "/y")], ALLOWED, rate=10.0)
    assert found.holds
    assert found.gaps == 2


def test_what_is_missing_forbidden_or_brought_twice_is_named() -> None:
    found = judged([line(0.0, "/x"), line(1.0, "/x"), line(2.0, "/private", status=404)], ALLOWED, rate=1.0)
    assert (found.missing, found.twice) == ([("a.example", "/y")], [("a.example", "/x")])
    assert found.disallowed == [("a.example", "/private")]


def test_a_gap_below_the_rate_or_the_crawl_delay_is_counted() -> None:
    lines = [line(0.0, "/x"), line(0.09, "/y"), line(0.0, "/1", "slow.example"), line(0.9, "/2", "slow.example")]
    found = judged(lines, ALLOWED, rate=10.0)
    assert found.below == [(0.09, "a.example"), (0.9, "slow.example")]


def test_a_503_counts_as_retried_when_the_host_was_left_alone_as_long_as_it_asked() -> None:
    early = [line(0.0, "/x", status=503), line(0.9, "/y"), line(1.2, "/x")]
    late = [line(0.0, "/x", status=503), line(1.1, "/x"), line(1.3, "/y")]
    assert (judged(early, ALLOWED, 10.0).retried, judged(late, ALLOWED, 10.0).retried) == (0, 1)


@pytest.mark.parametrize("path", ["/", "/%ED%95%9C", "/x?q=a|b"])
def test_an_address_that_browsers_send_as_it_stands_is_sendable(path: str) -> None:
    assert is_sendable(f"http://a.example{path}")


@pytest.mark.parametrize(
    "url", ["http://a.example/x ", "http://a.example/a b", "http://a.example/x/.", "http://ö.example/"]
)
def test_an_address_that_is_sent_as_another_one_is_not(url: str) -> None:
    assert not is_sendable(url)
