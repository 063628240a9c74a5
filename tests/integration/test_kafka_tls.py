"""Kafka alone, with TLS: clients, brokers among themselves, controllers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka import errors as kafka_errors

from riverline.adapters.kafka.access import client_options, connected
from riverline.adapters.kafka.topic_changes import TopicChanges
from riverline.adapters.kafka.topics import connect_admin, ensure_topics
from riverline.errors import Transient
from riverline.settings import Settings
from riverline_stack.servers import kafka_brokers
from tests.support.tls import another_authority, few_servers_with_tls, trusting, without_tls

OFFSET = 23_000  # ports of its own
TOPIC = "crawl.kept.example"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    home = tmp_path_factory.mktemp("kafka") / "home"
    with few_servers_with_tls(home, OFFSET, kafka_brokers.programs, kafka_brokers.install) as own:
        yield own


def test_the_projects_clients_go_through_and_records_are_replicated(settings: Settings) -> None:
    ensure_topics(settings, [TOPIC])
    options = client_options(settings.kafka)
    assert options["security_protocol"] == "SASL_SSL"
    with closing(KafkaProducer(**options, bootstrap_timeout_ms=10_000, acks="all")) as producer:
        producer.send(TOPIC, b"kept").get(timeout=20)  # two copies at least
    reading = {"auto_offset_reset": "earliest", "bootstrap_timeout_ms": 10_000, "consumer_timeout_ms": 20_000}
    with closing(KafkaConsumer(**options, **reading)) as consumer:
        consumer.assign([TopicPartition(TOPIC, 0)])
        assert next(iter(consumer)).value == b"kept"
    with closing(TopicChanges(settings.kafka, timeout=10)) as changes:
        assert [changes.look(), changes.look()] == [True, False]


def test_the_certificate_of_another_authority_is_refused_with_the_next_step(settings: Settings, tmp_path: Path) -> None:
    stranger = trusting(settings, another_authority(tmp_path))
    for broker in kafka_brokers.brokers(settings):
        for address in (broker.address, broker.controller):
            with pytest.raises(OSError, match=r"authority .* file of RIVERLINE_TLS__CA_FILE"):
                connected(address, stranger.kafka, 5)
    with pytest.raises(Transient, match="file of RIVERLINE_TLS__CA_FILE"):
        connect_admin(stranger)


def test_a_client_without_tls_gets_nothing_and_is_told_why(settings: Settings) -> None:
    plain = without_tls(settings, "kafka")
    for broker in kafka_brokers.brokers(settings):
        for address in (broker.address, broker.controller):
            with pytest.raises(OSError, match="set RIVERLINE_KAFKA__TLS=on"):
                connected(address, plain.kafka, 5)
    with pytest.raises(kafka_errors.KafkaError):
        KafkaConsumer(**client_options(plain.kafka), bootstrap_timeout_ms=2_000)
