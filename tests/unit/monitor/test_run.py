"""A turn of the monitor, and what Prometheus and Redis get of it."""

from prometheus_client import CollectorRegistry, generate_latest

from riverline.errors import Transient
from riverline.monitoring.sample import NOW_KEY, SERIES, Sample, split
from riverline.testing.memory_key_value import MemoryKeyValue
from riverline_monitor.exposition import Exposition
from riverline_monitor.run import Monitor
from riverline_monitor.sampler import Sampler, Source, SourceReading

NOW = 1_760_000_000_000
VALUES = {"lag": 7.0, "inflow": 2.0, "throughput": 1.0, "dead_letters": 3.0, "stage_busy/parse": 0.9}


def monitor(key_value, exposition=None, judges=()):
    sampler = Sampler([Source("a", 5.0, lambda: SourceReading(VALUES))], lambda: NOW)
    return Monitor(sampler, key_value, exposition or Exposition(), judges)


def test_the_newest_sample_lies_in_redis():
    key_value = MemoryKeyValue()
    sample = monitor(key_value).turn()
    assert Sample.unpacked(key_value.get([NOW_KEY])[0]) == sample
    assert (sample.values["pressure"], sample.bottleneck) == (2.0, "parse")


def test_prometheus_gets_every_series_with_its_meaning():
    exposition = Exposition()
    monitor(MemoryKeyValue(), exposition).turn()
    registry = CollectorRegistry()
    registry.register(exposition)
    page = generate_latest(registry).decode()
    assert 'riverline_monitor_stage_busy{subject="parse"} 0.9' in page
    assert "riverline_monitor_dead_letters_total 3.0" in page
    assert "# HELP riverline_monitor_lag Records written and not yet committed; by topic" in page


def test_no_series_is_without_a_meaning():
    sample = monitor(MemoryKeyValue()).turn()
    assert {split(name)[0] for name in sample.values} <= SERIES.keys()


class Away(MemoryKeyValue):
    def put(self, key, value, seconds):
        raise Transient("Redis is away")


def test_without_redis_and_with_a_judge_that_fails_samples_go_on():
    seen = []

    def fails(sample):
        raise ValueError("broken")

    made = monitor(Away(), judges=(fails, seen.append))
    assert [made.turn(), made.turn()] == seen
