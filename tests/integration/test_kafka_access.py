"""Kafka alone: brokers and controllers answer who knows a password, and nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka import errors as kafka_errors

from riverline.adapters.kafka.access import client_options, connected
from riverline.adapters.kafka.topic_changes import TopicChanges
from riverline.adapters.kafka.topics import ensure_topics
from riverline.settings import Kafka, Settings
from riverline_stack.servers import kafka_brokers
from riverline_stack.supervision import lifecycle
from riverline_stack.supervision.program import Program
from tests.support.few_servers import few_servers, start

OFFSET = 19_000  # ports of its own
TOPIC = "crawl.kept.example"


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    """Brokers that asked nobody until now, as those of an earlier version, with a record from then."""
    home = tmp_path_factory.mktemp("kafka") / "home"
    with few_servers(home, OFFSET, brokers_that_ask_nobody, kafka_brokers.install) as own:
        ensure_topics(without_a_password(own), [TOPIC])
        write(without_a_password(own).kafka, b"before")
        programs = kafka_brokers.programs(own)
        for program in programs:
            lifecycle.Supervisor(own).stop(program.name)
        start(own, programs)
        yield own


def without_a_password(settings: Settings) -> Settings:
    return settings.model_copy(update={"kafka": settings.kafka.model_copy(update={"password_file": None})})


def brokers_that_ask_nobody(settings: Settings) -> list[Program]:
    kafka_brokers.programs(settings)  # writes their configuration
    found = kafka_brokers.brokers(settings)
    for broker in found:
        ask_nobody(broker.properties)
    kafka, cache = without_a_password(settings).kafka, settings.stack.cache
    return [kafka_brokers._program(broker, kafka, cache, Path("/none")) for broker in found]


def ask_nobody(properties: Path) -> None:
    """Makes a broker's configuration that of a version without passwords."""
    kept = [line for line in properties.read_text().splitlines() if "sasl" not in line.lower()]
    named = [line.replace("CLIENTS", "PLAINTEXT") for line in kept]
    properties.write_text(
        "\n".join([*named, "listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT"])
    )


def write(kafka: Kafka, value: bytes) -> None:
    with closing(KafkaProducer(**client_options(kafka), bootstrap_timeout_ms=10_000)) as producer:
        producer.send(TOPIC, value).get(timeout=20)


def read(kafka: Kafka, count: int) -> list[bytes]:
    options = {"auto_offset_reset": "earliest", "bootstrap_timeout_ms": 10_000, "consumer_timeout_ms": 20_000}
    with closing(KafkaConsumer(**client_options(kafka), **options)) as consumer:
        consumer.assign([TopicPartition(TOPIC, 0)])
        return [record.value for record, _ in zip(consumer, range(count), strict=False)]


def test_what_was_written_before_is_there_and_who_is_known_goes_on(settings: Settings) -> None:
    write(settings.kafka, b"after")
    assert read(settings.kafka, 2) == [b"before", b"after"]


def test_who_shows_no_password_or_a_wrong_one_gets_nothing(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "wrong").write_text("guessed")
    for file in (None, tmp_path / "wrong"):
        stranger = settings.kafka.model_copy(update={"password_file": file})
        with pytest.raises(kafka_errors.KafkaError):
            KafkaConsumer(**client_options(stranger), bootstrap_timeout_ms=3_000)


def test_neither_a_broker_nor_a_controller_answers_a_request_before_it_knows_who_asks(
    settings: Settings, tmp_path: Path
) -> None:
    (tmp_path / "wrong").write_text("guessed")
    wrong = settings.kafka.model_copy(update={"password_file": tmp_path / "wrong"})
    for broker in kafka_brokers.brokers(settings):
        with closing(
            TopicChanges(wrong.model_copy(update={"bootstrap": (broker.address,), "password_file": None}))
        ) as it:
            assert [it.look(), it.look()] == [True, True]  # nothing is known, each time
        for address, kafka in (
            (broker.address, wrong),
            (broker.controller, wrong),
            (broker.controller, settings.kafka),
        ):
            with pytest.raises(OSError, match="rejects the login of riverline"):
                connected(address, kafka, 5)
        connected(broker.address, settings.kafka, 5).close()
