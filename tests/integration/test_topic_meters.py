"""A broker's meters: those of single topics work nothing out while they count on, those of the broker as a whole do."""

from __future__ import annotations

import subprocess

import pytest

from riverline.settings import Settings
from riverline_stack.kafka_meters import meters_jar
from riverline_stack.servers import kafka_brokers
from riverline_stack.servers.kafka_brokers import JARS
from tests.support.stack import Told

DRIVER = """
import com.yammer.metrics.core.Meter;
import com.yammer.metrics.core.MetricsRegistry;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.server.metrics.KafkaMetricsGroup;
import riverline.kafka.TopicMeters;

public final class Driver {
    public static void main(String[] arguments) throws Exception {
        KafkaMetricsGroup group = new KafkaMetricsGroup("kafka.server", "BrokerTopicMetrics");
        Meter before = group.newMeter("BytesInPerSec", "bytes", TimeUnit.SECONDS, Map.of("topic", "crawl.a.example"));
        new TopicMeters().configure(Map.of());
        Meter after = group.newMeter("BytesInPerSec", "bytes", TimeUnit.SECONDS, Map.of("topic", "crawl.b.example"));
        Meter whole = group.newMeter("BytesInPerSec", "bytes", TimeUnit.SECONDS, new LinkedHashMap<>());
        before.mark(1000);
        after.mark(1000);
        whole.mark(1000);
        for (int turn = 0; turn < 300 && whole.oneMinuteRate() == 0.0; turn++) {
            Thread.sleep(100);
        }
        Thread.sleep(500);
        for (Meter meter : new Meter[] {before, after, whole}) {
            System.out.println(meter.count() + " " + meter.oneMinuteRate());
        }
        System.exit(0);
    }
}
"""


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[int, float]]:
    """Count and rate of a topic's meter that was there before the reporter, of one that came later, and of the whole
    broker's."""
    folder = tmp_path_factory.mktemp("meters")
    settings = Settings().placed(folder / "home")
    kafka_brokers.install(settings, Told().say)
    cache = settings.stack.cache
    (folder / "Driver.java").write_text(DRIVER)
    libraries = f"{JARS.path(cache)}/*:{meters_jar(cache, JARS.path(cache))}"
    command = ["java", "-XX:TieredStopAtLevel=1", "-cp", libraries, str(folder / "Driver.java")]
    run = subprocess.run(command, check=True, capture_output=True, text=True, timeout=120)
    lines = [line.split() for line in run.stdout.splitlines()]
    return [(int(count), float(rate)) for count, rate in lines]


def test_all_meters_count(measured: list[tuple[int, float]]) -> None:
    assert [count for count, _ in measured] == [1000, 1000, 1000]


def test_only_the_whole_brokers_rates_are_worked_out(measured: list[tuple[int, float]]) -> None:
    before, after, whole = (rate for _, rate in measured)
    assert (before, after) == (0.0, 0.0) and whole > 0.0
