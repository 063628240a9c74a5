"""What the sources make of what servers say."""

import itertools
from types import SimpleNamespace

import orjson
import pytest

from riverline.adapters.redis.celery_queues import age
from riverline.errors import Transient
from riverline.model import Origin, Page
from riverline.pipeline.contracts import Failure, LetterQuery, LetterState
from riverline.pipeline.dead_letters import DeadLetterQueue
from riverline.stages import Seconds, StageState
from riverline.testing.memory import MemoryIndex, MemoryLog
from riverline.testing.memory_dead_letters import MemoryDeadLetters
from riverline.testing.memory_stages import MemoryStages
from riverline_monitor.sources.api import quantile, totals, values_of
from riverline_monitor.sources.celery import CelerySource
from riverline_monitor.sources.database import OutboxSource, ReplicaSource
from riverline_monitor.sources.dead_letters import LettersSource
from riverline_monitor.sources.log import LogSource, read_by
from riverline_monitor.sources.programs import ProgramsSource
from riverline_monitor.sources.redis import RedisSource
from riverline_monitor.sources.search import values_of as search_values
from riverline_monitor.sources.storm import StagesSource, executors_of
from riverline_monitor.sources.storm import values_of as nimbus_values

NOW = 1_760_000_000_000
PAGE = Page("http://a.example/", "http://a.example/", b"<html>", fetched_at=NOW)


def test_lag_and_inflow_are_told_by_topic_and_in_sum():
    clock, log = [0], MemoryLog()
    source = LogSource(log, "dead-letter", lambda: clock[0])
    for topic, count in (("crawl.a.example", 3), ("crawl.b.example", 1)):
        for _ in range(count):
            log.append(topic, PAGE)
    first = source.read().values
    assert (first["lag"], first["lag/crawl.a.example"], first["lag/crawl.b.example"]) == (4, 3, 1)
    clock[0] = 10_000
    for _ in range(20):
        log.append("crawl.a.example", PAGE)
    second = source.read().values
    assert (second["inflow"], second["inflow/crawl.a.example"], second["throughput"]) == (2.0, 2.0, 0.0)


def test_dead_letters_are_counted_and_are_no_lag():
    log = MemoryLog()
    log.bury(PAGE, Failure(Origin("crawl.a.example", 0, 1), "parse", "broken", 5, NOW))
    values = LogSource(log, "dead-letter", lambda: NOW).read().values
    assert (values["dead_letters"], values["lag"]) == (1, 0)


class Asked(MemoryLog):
    """Counts how often it was asked for the ends."""

    asked = 0

    def ends(self, topics):
        self.asked += 1
        return super().ends(topics)


def spout(**gauges):
    return StageState("pages", 3, NOW, pid=7, counts={"emitted": 2}, gauges=gauges)


def test_while_the_spouts_read_nothing_and_nothing_waits_the_brokers_are_asked_seldom():
    clock, log, states = [0], Asked(), [spout(lag=0)]
    source = LogSource(log, "dead-letter", lambda: clock[0], lambda: read_by(states))
    log.append("crawl.a.example", PAGE)
    log.commit("crawl.a.example", 0, 1)
    told = []
    for clock[0] in range(0, 60_000, 5_000):
        told.append(dict(source.read().values))
    assert log.asked == 2
    assert {(one["lag"], one["lag/crawl.a.example"], one["inflow"]) for one in told} == {(0, 0, 0)}


@pytest.mark.parametrize(("seconds", "times"), [(0.01, 20), (0.25, 6), (5.0, 2)])
def test_what_is_dear_to_ask_is_asked_seldom_while_nothing_happens(seconds, times):
    clock, spent = [0], itertools.count(step=seconds)
    log, states = Asked(), [spout(lag=0)]
    source = LogSource(log, "dead-letter", lambda: clock[0], lambda: read_by(states), lambda: next(spent))
    for clock[0] in range(0, 600_000, 5_000):
        source.read()
    assert log.asked == times


@pytest.mark.parametrize(
    "states",
    [
        [],
        [spout(lag=1)],
        [spout(lag=0, in_flight=1)],
        [StageState("parse", 4, NOW)],
    ],
)
def test_where_it_is_not_known_that_nothing_happens_the_brokers_are_asked(states):
    assert read_by(states) is None
    clock, log = [0], Asked()
    source = LogSource(log, "dead-letter", lambda: clock[0], lambda: read_by(states))
    for clock[0] in range(0, 50_000, 5_000):
        source.read()
    assert log.asked == 10


def test_a_record_that_a_spout_has_read_is_seen_at_the_next_sample():
    clock, log, states = [0], Asked(), [spout(lag=0)]
    source = LogSource(log, "dead-letter", lambda: clock[0], lambda: read_by(states))
    for clock[0] in range(0, 20_000, 5_000):
        source.read()
    log.append("crawl.a.example", PAGE)
    states[0] = StageState("pages", 3, NOW, pid=7, counts={"emitted": 3}, gauges={"lag": 0})
    clock[0] = 20_000
    assert source.read().values["lag"] == 1


def test_dead_letters_that_wait_are_counted_once_for_all_their_copies():
    log, catalogue = MemoryLog(), MemoryDeadLetters()
    source = LettersSource(DeadLetterQueue(log, MemoryIndex(), catalogue, "dead-letter", lambda: NOW))
    for _ in range(66):
        log.bury(PAGE, Failure(Origin("crawl.a.example", 0, 1), "parse", "broken", 5, NOW))
    assert source.read().values == {"dead_letters_waiting": 1}
    catalogue.mark(catalogue.page(LetterQuery()), LetterState.DISMISSED, NOW)
    assert source.read().values == {"dead_letters_waiting": 0}


class Answers:
    """A Redis node that answers as it was told."""

    address = "127.0.0.1:1"

    def __init__(self, *answers):
        self.answers = answers

    def ask(self, *commands):
        if isinstance(self.answers[0], Exception):
            raise self.answers[0]
        told, self.answers = self.answers[: len(commands)], self.answers[len(commands) :]
        return list(told)


def test_a_queue_is_as_old_as_its_oldest_task():
    message = orjson.dumps({"headers": {"sent_at": NOW - 7_000}, "body": ""})
    node = Answers(2, message, 0, None, 4)
    values = CelerySource(node, lambda: NOW, ["celery", "long"]).read().values
    assert values == {"queue/celery": 2, "queue_age/celery": 7, "queue/long": 0, "queue_age/long": 0, "unacked": 4}


def test_a_task_that_does_not_say_when_it_was_sent_has_no_age():
    assert age(orjson.dumps({"headers": {}}), NOW) == 0.0


class Mysql:
    def __init__(self):
        self.primary, self.replica, self.away = 0, 0, False
        self.followers = ["r"]

    def replicas(self):
        return self.followers

    def beat(self, number):
        self.primary = number

    def heard(self, replica):
        if self.away:
            raise Transient("away")
        return self.replica


def test_parked_jobs_are_told_by_task_and_a_task_that_has_none_any_more_with_zero():
    database, parked = Mysql(), {"fan_out": 2}
    database.outbox = lambda: (5, 60, parked)
    source = OutboxSource(database)
    assert source.read().values == {"outbox": 5, "outbox_age": 60, "outbox_parked": 2, "outbox_parked/fan_out": 2}
    parked = {}
    assert source.read().values["outbox_parked/fan_out"] == 0


def test_a_replica_is_as_far_behind_as_the_first_beat_that_it_has_not_got():
    database, clock = Mysql(), [100.0]
    source = ReplicaSource(database, lambda: clock[0])
    source.read()
    database.replica = database.primary
    lags = []
    for clock[0] in (105.0, 110.0, 115.0):
        lags.append(source.read().values["replica_lag/r"])
    assert lags == [0.0, 5.0, 10.0]
    database.replica = database.primary
    assert source.read().values["replica_lag/r"] == 0.0


def test_a_replica_that_is_away_has_no_lag_and_the_primary_is_still_written():
    database = Mysql()
    database.away = True
    reading = ReplicaSource(database, lambda: 100.0).read()
    assert (reading.values, reading.down, database.primary) == ({}, {"replica r": "away"}, 100_000)


def test_after_a_promotion_the_former_primary_is_the_replica_that_is_measured():
    database = Mysql()
    source = ReplicaSource(database, lambda: 100.0)
    assert source.read().values == {"replica_lag/r": 0.0}
    database.followers = ["p"]
    assert source.read().values.keys() == {"replica_lag/p"}


def test_elasticsearch_tells_state_refusals_heap_and_disk():
    node = {
        "name": "one",
        "thread_pool": {"write": {"rejected": 3}, "search": {"rejected": 0}},
        "jvm": {"mem": {"heap_used_percent": 40}},
        "fs": {"total": {"total_in_bytes": 100, "available_in_bytes": 25}},
    }
    values = search_values({"status": "yellow", "unassigned_shards": 2}, {"nodes": {"x": node}})
    assert (values["search_health"], values["search_rejected/write"]) == (1.0, 3.0)
    assert (values["search_heap/one"], values["search_disk/one"]) == (0.4, 0.75)


def test_a_redis_node_that_is_away_does_not_silence_the_others():
    there = Answers(b"# Memory\r\nused_memory:50\r\nmaxmemory:200\r\n", b"cluster_state:ok\r\n")
    away = Answers(Transient("refused"))
    away.address = "127.0.0.1:2"
    reading = RedisSource([away, there], cluster=True).read()
    assert reading.values["redis_memory_share/127.0.0.1:1"] == 0.25
    assert (reading.values["redis_up/127.0.0.1:1"], reading.values["redis_up/127.0.0.1:2"]) == (1.0, 0.0)
    assert reading.down == {"redis 127.0.0.1:2": "refused"}


def test_a_program_that_started_again_is_counted_and_a_stopped_one_left_out():
    programs = {"api": ["RUNNING", 10], "old": ["STOPPED", 5]}
    source = ProgramsSource(
        lambda: [{"name": name, "statename": state, "start": start} for name, (state, start) in programs.items()]
    )
    assert source.read().values == {"running/api": 1.0, "restarts/api": 0.0}
    programs["api"] = ["BACKOFF", 20]
    assert source.read().values == {"running/api": 0.0, "restarts/api": 1.0}


PAGE_OF_METRICS = """# HELP riverline_api_requests_total Requests
riverline_api_requests_total{method="GET",route="/api/v1/search",status="200"} 90.0
riverline_api_requests_total{method="GET",route="/api/v1/search",status="503"} 10.0
riverline_api_requests_total{method="GET",route="/metrics",status="200"} 500.0
riverline_api_request_seconds_bucket{le="0.1",route="/api/v1/search"} 50.0
riverline_api_request_seconds_bucket{le="0.2",route="/api/v1/search"} 100.0
riverline_api_request_seconds_bucket{le="+Inf",route="/api/v1/search"} 100.0
riverline_api_request_seconds_sum{route="/api/v1/search"} 12.0
riverline_api_request_seconds_count{route="/api/v1/search"} 100.0
"""


def test_the_api_s_metrics_are_added_up_without_those_of_the_monitor_s_own_requests():
    found = totals(PAGE_OF_METRICS)
    assert (found["requests"], found["failed"], found["count"], found["le:0.2"]) == (100, 10, 100, 100)
    values = values_of(found)
    assert (values["api_errors"], values["api_latency"]) == (0.1, 0.12)
    assert 0.19 < values["api_p99"] <= 0.2


def test_a_quantile_beyond_the_last_bound_is_that_bound():
    assert quantile(0.99, {0.1: 1.0, float("inf"): 100.0}) == 0.1
    assert quantile(0.99, {}) == 0.0


def state(at, seconds, steps, task=1, component="parse", **more):
    times = {"tuple": Seconds(steps, seconds)}
    return StageState(component, task, at, counts={"in": steps}, seconds=times, **more)


def test_a_stage_is_as_busy_as_those_of_its_tasks_that_work():
    stages = MemoryStages()
    source = StagesSource(stages, lambda: NOW)
    for turn in range(4):
        at = NOW - 20_000 + turn * 5_000
        stages.publish(state(at, turn * 4.5, turn * 9))
        stages.publish(state(at, 0.0, 0, task=2))  # a spare one
        values = source.read().values
    assert round(values["stage_busy/parse"], 2) == 0.9
    assert values["stage_tasks/parse"] == 2


def test_a_task_that_started_anew_counts_for_itself():
    stages = MemoryStages()
    source = StagesSource(stages, lambda: NOW)
    stages.publish(state(NOW - 20_000, 500.0, 900, pid=1))
    source.read()
    stages.publish(state(NOW - 10_000, 1.0, 2, pid=2))
    assert source.read().values["stage_busy/parse"] == 0.0


def page_of(**components):
    def stats(executors):
        common = SimpleNamespace(num_executors=executors, acked=10, failed=1)
        bolt = SimpleNamespace(process_latency_ms=2.5)
        return SimpleNamespace(common_stats=common, specific_stats=SimpleNamespace(bolt=bolt, spout=None))

    found = {name: stats(executors) for name, executors in components.items()}
    workers = [SimpleNamespace(host="a", port=1, uptime_secs=70), SimpleNamespace(host="a", port=2, uptime_secs=20)]
    return SimpleNamespace(id_to_spout_agg_stats={}, id_to_bolt_agg_stats=found, workers=workers)


def test_nimbus_tells_executors_and_the_youngest_worker():
    values = nimbus_values(page_of(parse=4, __acker=1))
    assert (values["executors/parse"], values["storm_latency/parse"], values["storm_uptime"]) == (4.0, 2.5, 20.0)
    assert executors_of(page_of(parse=4, __acker=1)) == {"parse": 4}
