"""How crawlers take turns at hosts: the same suite for Redis and for its in-memory twin."""

import time
import uuid

import pytest

from riverline_crawler.scheduling.host_scheduler import ROBOTS_SECONDS, HostScheduler, MemoryHostScheduler
from riverline_crawler.scheduling.pace import FIRST_PAUSE, MAX_PAUSE
from tests.support.stack import awaited


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.integration)])
def scheduler(request) -> HostScheduler:
    if request.param == "memory":
        return MemoryHostScheduler()
    from riverline.adapters.redis.cluster import RedisCluster
    from riverline.adapters.redis.host_scheduler import RedisHostScheduler

    cluster = RedisCluster(request.getfixturevalue("stack").redis, timeout=2)
    request.addfinalizer(cluster.close)
    return RedisHostScheduler(cluster, FIRST_PAUSE, MAX_PAUSE, ROBOTS_SECONDS)


@pytest.fixture
def host() -> str:
    return f"{uuid.uuid4().hex}.example"


def start(scheduler: HostScheduler, host: str, token: str, busy: float, look: float = 60.0) -> float:
    return scheduler.start(host, token, busy, look)


def until_free(scheduler: HostScheduler, host: str, token: str) -> float:
    """Seconds until the turn is there."""
    begun = time.monotonic()
    return awaited(lambda: time.monotonic() - begun if start(scheduler, host, token, 60.0) == 0 else None, 10)


def test_a_host_is_asked_by_one_at_a_time(scheduler, host):
    assert start(scheduler, host, "a", 30.0) == 0
    assert 25 < start(scheduler, host, "b", 30.0) < 30.1


def test_hosts_do_not_wait_for_each_other(scheduler, host):
    assert start(scheduler, host, "a", 30.0) == 0
    assert start(scheduler, f"other.{host}", "b", 30.0) == 0


def test_the_next_turn_comes_a_pause_after_the_answer(scheduler, host):
    start(scheduler, host, "a", 30.0)
    scheduler.finish(host, "a", 0.3, worked=True)
    assert until_free(scheduler, host, "b") >= 0.3


def test_a_turn_that_nobody_ends_ends_by_itself(scheduler, host):
    start(scheduler, host, "a", 0.2)
    assert until_free(scheduler, host, "b") >= 0.2


def test_while_an_answer_is_awaited_others_look_again_soon(scheduler, host):
    start(scheduler, host, "a", 30.0)
    assert 0 < start(scheduler, host, "b", 30.0, look=0.1) <= 0.1
    scheduler.finish(host, "a", 20.0, worked=True)
    assert 15 < start(scheduler, host, "b", 30.0, look=0.1) < 20.1


def test_the_turn_is_that_crawler_s_which_waited_first(scheduler, host):
    start(scheduler, host, "a/1", 30.0)
    assert start(scheduler, host, "b/1", 30.0, look=5.0) > 0
    scheduler.finish(host, "a/1", 0.0, worked=True)
    assert start(scheduler, host, "a/2", 30.0) > 0
    assert until_free(scheduler, host, "b/2") < 5  # the pause of 0 s may be a millisecond


def test_a_turn_is_not_kept_for_a_crawler_that_does_not_come(scheduler, host):
    start(scheduler, host, "a/1", 30.0)
    assert start(scheduler, host, "b/1", 30.0, look=0.01) > 0
    scheduler.finish(host, "a/1", 0.0, worked=True)
    assert until_free(scheduler, host, "a/2") < 5


def test_a_late_answer_does_not_cut_the_next_turn_short(scheduler, host):
    start(scheduler, host, "a", 0.0)
    until_free(scheduler, host, "b")
    scheduler.finish(host, "a", 0.1, worked=True)
    assert start(scheduler, host, "c", 30.0) > 25


def test_a_host_that_is_busy_is_left_alone_by_all_for_what_it_asks(scheduler, host):
    start(scheduler, host, "a", 1.0)
    assert scheduler.failed(host, 20.0) == 20
    scheduler.finish(host, "a", 0.0, worked=False)
    assert 15 < start(scheduler, host, "b", 1.0) < 20.1


def test_pauses_double_with_failures_in_a_row_and_start_anew_after_an_answer(scheduler, host):
    assert [scheduler.failed(host, None) for _ in range(4)] == [1, 2, 4, 8]
    scheduler.finish(host, "a", 0.0, worked=True)
    assert scheduler.failed(host, None) == 1


def test_no_pause_is_longer_than_ten_minutes(scheduler, host):
    assert scheduler.failed(host, 86_400.0) == 600
    assert max(scheduler.failed(host, None) for _ in range(15)) == 600


def test_a_robots_txt_that_one_has_read_is_there_for_all(scheduler, host):
    assert scheduler.robots(f"http://{host}") is None
    scheduler.keep_robots(f"http://{host}", 200, b"User-agent: *\nDisallow: /\n\xff")
    assert scheduler.robots(f"http://{host}") == (200, b"User-agent: *\nDisallow: /\n\xff")


def test_no_more_is_spent_than_an_account_holds(scheduler, host):
    assert [scheduler.spend(host, 40, 100) for _ in range(3)] == [True, True, False]
    assert scheduler.spend(host, 20, 100)
    assert not scheduler.spend(host, 1, 100)
