"""Which address is visited next."""

import math
from collections import defaultdict
from collections.abc import Callable, Iterator
from itertools import pairwise
from unittest.mock import Mock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from riverline.crawl.robots import EVERYTHING, Rules, rules_of
from riverline.crawl.targets import hosts_of
from riverline.model import Target
from riverline_crawler.failures import may_try_again
from riverline_crawler.scheduling.fetch_item import FetchItem
from riverline_crawler.scheduling.frontier import Frontier, FrontierPolicy
from riverline_crawler.scheduling.pace import Failed
from riverline_crawler.stats import Report


def target(name: str = "a", **more: object) -> Target:
    return Target(**{"name": name, "start_urls": (f"http://{name}.example/",), "rate": 10.0, "concurrency": 2, **more})


@pytest.fixture
def frontier() -> Frontier:
    return Frontier(Report(), FrontierPolicy(hosts_of))


def open_(frontier: Frontier, url: str, of: Target, rules: Rules = EVERYTHING) -> None:
    """Adds an address and plays the answer to its robots.txt at 0 s; the host is ready at 0.1 s."""
    frontier.add(url, of, 0, 0.0)
    robots = frontier.next(0.0)
    assert robots is not None
    assert robots.robots_of
    frontier.done(robots, 0.0)
    frontier.rules(robots, rules, 0.0)


def drained(
    frontier: Frontier, answers: dict[str, Rules] | None = None, taken: float = 0.01
) -> Iterator[tuple[float, FetchItem]]:
    """Plays the network until nothing is left: every answer takes `taken` seconds. Gives each visit with its start."""
    now, in_flight = 0.0, []
    for _ in range(100_000):
        while (visit := frontier.next(now)) is not None:
            in_flight.append((now + taken, visit))
            yield now, visit
        pause = frontier.wakeup(now)
        times = [at for at, _ in in_flight] + ([now + pause] if pause is not None else [])
        if not times:
            return
        now = max(now, min(times))
        for at, visit in [flight for flight in in_flight if flight[0] <= now]:
            in_flight.remove((at, visit))
            frontier.done(visit, now)
            if visit.robots_of:
                frontier.rules(visit, (answers or {}).get(visit.host, EVERYTHING), now)
    raise AssertionError("the frontier never ends")


def test_robots_txt_is_asked_for_before_anything_else(frontier: Frontier) -> None:
    frontier.add("http://a.example/x", target(), 0, 0.0)
    first = frontier.next(0.0)
    assert first is not None
    assert first.url == "http://a.example/robots.txt"
    assert frontier.next(100.0) is None
    frontier.done(first, 0.0)
    frontier.rules(first, EVERYTHING, 0.0)
    page = frontier.next(0.1)
    assert page is not None
    assert page.url == "http://a.example/x"


def test_a_disallowed_address_is_never_handed_out_and_counted(frontier: Frontier) -> None:
    open_(frontier, "http://a.example/private", target(), rules_of(200, b"User-agent: *\nDisallow: /private", "Bot"))
    assert frontier.next(10.0) is None
    assert frontier.report.of("a").refused == {"robots": 1}
    assert frontier.waiting == 0


def test_an_address_is_visited_once_however_it_is_written(frontier: Frontier) -> None:
    assert frontier.add("http://a.example/?utm_source=x", target(), 0, 0.0)
    for url in ("http://a.example/?utm_source=x", "http://A.example:80", "http://a.example/#top"):
        assert not frontier.add(url, target(), 1, 0.0)
    assert frontier.waiting == 1


def test_what_is_asked_for_is_the_address_as_the_page_wrote_it(frontier: Frontier) -> None:
    open_(frontier, "http://a.example/x?b=1&a=2&utm_source=y", target())
    visit = frontier.next(1.0)
    assert visit is not None
    assert (visit.url, visit.key) == ("http://a.example/x?b=1&a=2&utm_source=y", "http://a.example/x?a=2&b=1")


def test_other_hosts_too_deep_and_too_long_addresses_are_refused_with_their_reason(frontier: Frontier) -> None:
    shallow = target(depth=1)
    frontier.add("http://b.example/", shallow, 1, 0.0)
    frontier.add("http://a.example/deep", shallow, 2, 0.0)
    frontier.add("http://a.example/" + "x" * 3_000, shallow, 1, 0.0)
    frontier.add("http://a.example/loop", shallow, 1, 0.0, redirects=6)
    assert frontier.report.of("a").refused == {"other_host": 1, "depth": 1, "bad_url": 1, "redirects": 1}


def test_links_that_lead_elsewhere_or_too_deep_are_refused_without_a_parser(
    frontier: Frontier, monkeypatch: pytest.MonkeyPatch
) -> None:
    parsed = Mock(side_effect=AssertionError)
    for name in ("canonical", "requested", "host_of"):
        monkeypatch.setattr(f"riverline_crawler.scheduling.frontier.{name}", parsed)
    shallow = target(depth=1)
    for number in range(3):
        frontier.add(f"http://www.b.example/{number}?x=1", shallow, 1, 0.0)
        frontier.add(f"http://a.example/{number}", shallow, 2, 0.0)
    assert frontier.report.of("a").refused == {"other_host": 3, "depth": 3}


def test_another_spelling_of_a_known_address_is_parsed_once(
    frontier: Frontier, monkeypatch: pytest.MonkeyPatch
) -> None:
    frontier.add("http://a.example/x?a=1&b=2", target(), 0, 0.0)
    assert not frontier.add("http://a.example/x?b=2&a=1", target(), 1, 0.0)
    monkeypatch.setattr("riverline_crawler.scheduling.frontier.canonical", Mock(side_effect=AssertionError))
    assert not frontier.add("http://a.example/x?b=2&a=1", target(), 1, 0.0)


def test_a_target_that_left_and_comes_back_visits_other_spellings_too(frontier: Frontier) -> None:
    frontier.add("http://a.example/x?a=1&b=2", target(), 0, 0.0)
    frontier.add("http://a.example/x?b=2&a=1", target(), 1, 0.0)
    frontier.leave("a")
    assert frontier.add("http://a.example/x?b=2&a=1", target(), 1, 0.0)


def test_a_target_that_comes_back_with_other_hosts_may_visit_those(frontier: Frontier) -> None:
    frontier.add("http://b.example/1", target(), 1, 0.0)
    assert frontier.add("http://b.example/2", target(start_urls=("http://b.example/",)), 1, 0.0)


def test_a_host_that_one_target_may_not_visit_is_left_to_another_that_may(frontier: Frontier) -> None:
    frontier.add("http://b.example/x", target("a"), 1, 0.0)
    assert frontier.add("http://b.example/x", target("b"), 0, 0.0)


def test_no_more_pages_than_the_target_wants(frontier: Frontier) -> None:
    few = target(max_pages=3)
    for n in range(10):
        frontier.add(f"http://a.example/{n}", few, 0, 0.0)
    pages = [visit for _, visit in drained(frontier) if not visit.robots_of]
    assert len(pages) == 3
    assert frontier.report.of("a").refused == {"max_pages": 7}


def test_each_origin_of_a_host_has_its_own_robots_txt(frontier: Frontier) -> None:
    for url in ("http://a.example/1", "https://a.example/2", "http://a.example:8080/3"):
        frontier.add(url, target(), 0, 0.0)
    asked = {visit.url for _, visit in drained(frontier) if visit.robots_of}
    assert asked == {
        f"{origin}/robots.txt" for origin in ("http://a.example", "https://a.example", "http://a.example:8080")
    }


def test_a_host_that_says_when_is_asked_for_nothing_before(frontier: Frontier) -> None:
    frontier.add("http://a.example/2", target(), 0, 0.0)
    open_(frontier, "http://a.example/1", target())
    visit = frontier.next(0.1)
    assert visit is not None
    frontier.done(visit, 0.2)
    frontier.failed(visit, Failed("status_503", answered=True, limited=True, retry_after=5.0), 0.2)
    frontier.again(visit, "status_503", 0.2, 5.0)
    assert frontier.next(5.1) is None
    assert [wait.why for wait in frontier.waits(0.3)] == ["status_503"]
    other = frontier.next(5.2)
    assert other is not None
    assert other.url != visit.url
    frontier.done(other, 5.2, worked=True)
    second = frontier.next(5.4)
    assert second is not None
    assert (second.url, second.tries) == (visit.url, 1)
    assert frontier.report.of("a").retried == {"status_503": 1}


def played(
    frontier: Frontier, broken: Callable[[str], Failed | None], until: float = 3_600.0
) -> list[tuple[float, str]]:
    """Plays the network: pages fail as `broken` says, every other answer works. Gives the time and address of each."""
    now, asked = 0.0, []
    while now < until:
        visit = frontier.next(now)
        if visit is None:
            pause = frontier.wakeup(now)
            if pause is None:
                return asked
            now += max(pause, 0.001)
            continue
        failure = None if visit.robots_of else broken(visit.url)
        asked.append((now, visit.url))
        frontier.done(visit, now, worked=failure is None)
        if visit.robots_of:
            frontier.rules(visit, EVERYTHING, now)
        elif failure:
            pause = frontier.failed(visit, failure, now)
            if pause < math.inf and may_try_again(visit, failure.reason):
                frontier.again(visit, failure.reason, now, failure.retry_after)
    raise AssertionError("the frontier never ends")


ERROR = Failed("status_500", answered=True)
LOST = Failed("connection_refused", reached=False)


def of_broken(url: str) -> Failed | None:
    return ERROR if "/broken/" in url else None


@pytest.mark.parametrize("broken", [1, 2, 5, 12])
def test_pages_that_fail_do_not_hold_up_their_neighbours(frontier: Frontier, broken: int) -> None:
    of = target(rate=20.0, concurrency=1)
    for url in [*(f"broken/{n}" for n in range(broken)), *(f"good/{n}" for n in range(3))]:
        frontier.add(f"http://a.example/{url}", of, 1, 0.0)
    asked = played(frontier, of_broken)
    good = [at for at, url in asked if "/good/" in url]
    assert len(good) == 3
    assert max(good) < 60.0 + 10.0 * broken
    assert broken > 2 or max(good) < 1.0
    assert len([url for _, url in asked if "/broken/" in url]) == 5 * broken


def test_a_page_is_asked_for_again_only_after_all_that_were_not(frontier: Frontier) -> None:
    of = target(rate=0.5)
    for n in range(6):
        frontier.add(f"http://a.example/{'broken' if n == 0 else 'good'}/{n}", of, 1, 0.0)
    urls = [url for _, url in played(frontier, of_broken) if "robots" not in url]
    assert len(set(urls[:6])) == 6
    assert set(urls[6:]) == {"http://a.example/broken/0"}


def test_second_tries_are_no_further_pages_of_the_target(frontier: Frontier) -> None:
    of = target(max_pages=4)
    for n in range(4):
        frontier.add(f"http://a.example/{'broken' if n < 2 else 'good'}/{n}", of, 1, 0.0)
    asked = [url for _, url in played(frontier, of_broken) if "robots" not in url]
    assert len(set(asked)) == 4
    assert not frontier.report.of("a").refused


def test_a_host_of_which_no_page_answers_is_asked_ever_more_rarely() -> None:
    frontier = Frontier(Report(), FrontierPolicy(hosts_of))
    for n in range(12):
        frontier.add(f"http://a.example/{n}", target(rate=100.0, concurrency=1), 1, 0.0)
    times = [at for at, url in played(frontier, lambda _url: LOST, until=1e6) if "robots" not in url]
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert [round(gap) for gap in gaps[1:8]] == [0, 1, 2, 4, 8, 16, 32]
    assert max(gaps) < 601


def test_a_crawl_that_ends_gives_a_host_up_that_went_away() -> None:
    frontier = Frontier(Report(), FrontierPolicy(hosts_of, patience=20.0))
    for n in range(500):
        frontier.add(f"http://a.example/{n}", target(rate=100.0), 1, 0.0)
    asked = played(frontier, lambda _url: LOST, until=120.0)
    assert len(asked) < 12
    assert frontier.waiting == 0
    assert frontier.report.of("a").errors["connection_refused"] > 490


def test_a_robots_txt_that_moved_is_followed_to_another_host(frontier: Frontier) -> None:
    frontier.add("http://a.example/x", target(), 0, 0.0)
    robots = frontier.next(0.0)
    assert robots is not None
    frontier.done(robots, 0.0)
    assert frontier.redirect_robots(robots, "http://rules.example/robots.txt", 0.0)
    moved = frontier.next(1.0)
    assert moved is not None
    assert (moved.url, moved.robots_of) == ("http://rules.example/robots.txt", "http://a.example")
    frontier.done(moved, 1.0)
    frontier.rules(moved, EVERYTHING, 1.0)
    page = frontier.next(2.0)
    assert page is not None
    assert page.url == "http://a.example/x"


def test_robots_txt_is_followed_through_five_redirects_and_no_further(frontier: Frontier) -> None:
    frontier.add("http://a.example/x", target(), 0, 0.0)
    visit = frontier.next(0.0)
    for n in range(5):
        assert visit is not None
        frontier.done(visit, float(n))
        assert frontier.redirect_robots(visit, f"http://a.example/robots-{n}.txt", float(n))
        visit = frontier.next(n + 0.9)
    assert visit is not None
    assert not frontier.redirect_robots(visit, "http://a.example/robots-6.txt", 9.0)


def test_a_refused_host_is_never_asked_not_even_for_its_robots_txt() -> None:
    frontier = Frontier(Report(), FrontierPolicy(hosts_of, lambda host, target: "private_address"))
    assert not frontier.add("http://a.example/", target(), 0, 0.0)
    assert frontier.next(100.0) is None


PATHS = st.lists(st.integers(0, 30), min_size=1, max_size=30)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from("abc"), PATHS), min_size=1, max_size=6), st.sampled_from([0.0, 0.05, 0.4]))
def test_every_address_is_visited_once_and_no_host_is_asked_faster_than_it_may(
    additions: list[tuple[str, list[int]]], taken: float
) -> None:
    frontier = Frontier(Report(), FrontierPolicy(hosts_of))
    for name, paths in additions:
        for path in paths:
            frontier.add(f"http://{name}.example/{path}", target(name), 0, 0.0)
    rules = {"b.example": rules_of(200, b"User-agent: *\nCrawl-delay: 1\nDisallow: /7$", "Bot")}
    visits = list(drained(frontier, rules, taken))
    pages = [visit.url for _, visit in visits if not visit.robots_of]
    wanted = {f"http://{name}.example/{path}" for name, paths in additions for path in paths}
    assert sorted(pages) == sorted(wanted - {"http://b.example/7"})
    starts = defaultdict(list)
    for at, visit in visits:
        starts[visit.host].append(at)
    for host, times in starts.items():
        least = 1.0 + taken if host == "b.example" else 0.1
        assert all(later - earlier >= least - 1e-9 for earlier, later in pairwise(times))


def test_of_each_reason_the_first_address_is_told(frontier: Frontier) -> None:
    for path in ("1", "2"):
        frontier.add(f"http://b.example/{path}", target(), 1, 0.0)
    counts = frontier.report.of("a")
    assert counts.first == {"other_host": "http://b.example/1"}
    assert counts.reasons() == {"other_host": "http://b.example/1 (2)"}


def redirected(frontier: Frontier, url: str, *policy: str, of: Target | None = None) -> tuple[list[str], list[str]]:
    """Asks for a page that redirects so. What was asked for, and what became of each redirect."""
    open_(frontier, url, of or target())
    asked, became, now = [], [], 0.1
    for way in (*policy, ""):
        visit = frontier.next(now := now + 1.0)
        if visit is None:
            break
        asked.append(visit.url)
        frontier.done(visit, now, worked=True)
        if way:
            became.append(frontier.respelled(visit, way, now))
    return asked, became


@pytest.mark.parametrize(
    ("url", "other"),
    [
        ("http://a.example/a?utm_source=feed", "http://a.example/a"),
        ("http://a.example/b?b=2&a=1", "http://a.example/b?a=1&b=2"),
        ("http://a.example/%7euser", "http://a.example/~user"),
        ("http://a.example/a;jsessionid=17", "http://a.example/a"),
        ("http://a.example/a", "http://a.example/a;jsessionid=17"),
    ],
)
def test_a_redirect_to_another_spelling_of_the_same_page_is_followed(frontier: Frontier, url: str, other: str) -> None:
    assert redirected(frontier, url, other, of=target(max_pages=1)) == ([url, other], [""])


def test_a_redirect_to_the_very_same_address_is_a_loop(frontier: Frontier) -> None:
    """As sites do that want a cookie first. Cookies are never kept: what shows only with one is not for everybody."""
    assert redirected(frontier, "http://a.example/c", "http://a.example/c") == (
        ["http://a.example/c"],
        ["redirect_loop"],
    )


def test_spellings_do_not_go_round_without_end(frontier: Frontier) -> None:
    spellings = [f"http://a.example/a?utm_id={n}" for n in range(9)]
    asked, became = redirected(frontier, *spellings)
    assert len(asked) == 6
    assert became[-1] == "redirects"


def test_a_redirect_to_another_page_is_no_spelling(frontier: Frontier) -> None:
    assert redirected(frontier, "http://a.example/a", "http://a.example/b")[1] == ["other"]


def test_a_page_that_was_read_under_other_session_ids_is_not_asked_for_again(frontier: Frontier) -> None:
    target = Target("sessions", start_urls=("http://a.example/",))
    addresses = [f"http://a.example/?visit=c0ffee{number:02}" for number in range(8)]
    open_(frontier, "http://a.example/", target)
    for address in addresses[:-1]:
        assert frontier.add(address, target, 1, 0.1)
    for _, visit in drained(frontier):
        frontier.learn(visit, b"Welcome")
    assert not frontier.add(addresses[-1], target, 1, 9.0)
    assert frontier.report.of("sessions").refused["session"] == 1
    assert frontier.add("http://a.example/more?visit=c0ffee01", target, 1, 9.0)
