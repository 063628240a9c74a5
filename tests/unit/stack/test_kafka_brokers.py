from __future__ import annotations

from pathlib import Path

from riverline.settings import Kafka, Settings
from stack.kafka_brokers import MESSAGE_BYTES, brokers, server_properties

SETTINGS = Settings(home=Path("/home/of/it"))


def properties(number: int = 1, **changed: object) -> dict[str, str]:
    settings = SETTINGS.model_copy(update={"kafka": Kafka.model_validate(changed)})
    cluster = brokers(settings)
    return server_properties(cluster[number - 1], cluster, settings.kafka)


def test_there_is_a_broker_for_each_bootstrap_address() -> None:
    assert [broker.address for broker in brokers(SETTINGS)] == list(SETTINGS.kafka.bootstrap)


def test_every_broker_listens_on_loopback_only() -> None:
    assert properties(2)["listeners"] == "PLAINTEXT://127.0.0.1:9093,CONTROLLER://127.0.0.1:9193"


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


def test_an_acknowledged_record_is_on_two_brokers_and_never_voted_away() -> None:
    assert properties()["min.insync.replicas"] == "2"
    assert properties()["unclean.leader.election.enable"] == "false"
