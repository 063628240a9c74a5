from __future__ import annotations

from pathlib import Path

import pytest

from riverline.settings import Kafka, Settings
from riverline_stack.kafka_meters import meters_jar
from riverline_stack.servers import kafka_brokers
from riverline_stack.servers.kafka_brokers import MESSAGE_BYTES, brokers, server_properties

SETTINGS = Settings(home=Path("/home/of/it"))


def properties(number: int = 1, **changed: object) -> dict[str, str]:
    settings = SETTINGS.model_copy(update={"kafka": Kafka.model_validate(changed)})
    cluster = brokers(settings)
    return server_properties(cluster[number - 1], cluster, settings.kafka, "own", 'a "quoted" one')


def test_there_is_a_broker_for_each_bootstrap_address() -> None:
    assert [broker.address for broker in brokers(SETTINGS)] == list(SETTINGS.kafka.bootstrap)


def test_every_broker_listens_on_loopback_only() -> None:
    assert properties(2)["listeners"] == "CLIENTS://127.0.0.1:9093,CONTROLLER://127.0.0.1:9193"


def test_every_listener_asks_and_controllers_know_brokers_alone() -> None:
    told = properties()
    protocols = {part.split(":")[1] for part in told["listener.security.protocol.map"].split(",")}
    assert protocols == {"SASL_PLAINTEXT"}
    clients, controllers = (told[f"listener.name.{name}.plain.sasl.jaas.config"] for name in ("clients", "controller"))
    assert r'user_riverline="a \"quoted\" one"' in clients
    assert "user_riverline=" not in controllers
    assert all('user_riverline_broker="own"' in one for one in (clients, controllers))


def test_the_brokers_vote_for_their_controllers() -> None:
    assert properties()["controller.quorum.voters"] == "1@127.0.0.1:9192,2@127.0.0.1:9193,3@127.0.0.1:9194"


def test_retention_comes_from_the_settings() -> None:
    assert properties(retention_hours=24)["log.retention.hours"] == "24"


def test_a_single_broker_does_not_ask_for_three_replicas() -> None:
    alone = properties(bootstrap="127.0.0.1:9092")
    assert (alone["offsets.topic.replication.factor"], alone["min.insync.replicas"]) == ("1", "1")


def test_the_largest_page_that_settings_allow_fits_into_a_message() -> None:
    largest = Settings.model_validate({"crawl": {"max_page_bytes": 8 << 20}}).crawl.max_page_bytes
    assert largest < MESSAGE_BYTES


def test_a_follower_that_waits_for_records_does_not_count_as_behind() -> None:
    told = properties()
    assert 2 * int(told["replica.fetch.wait.max.ms"]) < int(told["replica.lag.time.max.ms"])


def test_a_broker_misses_more_than_one_sign_of_life_before_it_counts_as_dead() -> None:
    told = properties()
    assert 2 * int(told["broker.heartbeat.interval.ms"]) < int(told["broker.session.timeout.ms"])


def test_an_acknowledged_record_is_on_two_brokers_and_never_voted_away() -> None:
    assert properties()["min.insync.replicas"] == "2"
    assert properties()["unclean.leader.election.enable"] == "false"


def test_the_meters_of_single_topics_rest_beside_what_kafka_reports_by_default() -> None:
    reporters = properties()["metric.reporters"].split(",")
    assert reporters == ["org.apache.kafka.common.metrics.JmxReporter", "riverline.kafka.TopicMeters"]


def test_another_kafka_gets_a_reporter_compiled_for_it(tmp_path: Path) -> None:
    assert meters_jar(tmp_path, tmp_path / "kafka-1") != meters_jar(tmp_path, tmp_path / "kafka-2")


def test_each_of_several_hosts_formats_its_own_broker_for_the_cluster_of_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    formatted: list[tuple[list[int], str]] = []
    monkeypatch.setattr(
        kafka_brokers, "_format", lambda these, _, cluster: formatted.append(([one.number for one in these], cluster))
    )
    for step in ("fetch", "install_meters", "keep"):
        monkeypatch.setattr(kafka_brokers, step, lambda *_: None)
    for host in ("10.1.0.1", "10.1.0.2"):
        home = tmp_path / host
        (home / "secrets").mkdir(parents=True)
        (home / "secrets" / "kafka-broker").write_text("of all brokers\n")
        told = {"kafka": {"bootstrap": "10.1.0.1:9092,10.1.0.2:9092"}, "stack": {"host": host, "cache": tmp_path}}
        kafka_brokers.install(Settings.model_validate({"home": home, **told}), lambda _: None)
    assert [numbers for numbers, _ in formatted] == [[1], [2]]
    assert len({cluster for _, cluster in formatted}) == 1
