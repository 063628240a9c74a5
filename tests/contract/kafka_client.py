"""What the contract suite does to real brokers beside the log: commit as the topology would, and read raw records."""

from contextlib import closing
from dataclasses import dataclass

from kafka import KafkaConsumer, OffsetAndMetadata, TopicPartition

from riverline.adapters.kafka.access import client_options
from riverline.settings import Settings


@dataclass
class Raw:
    """A record that a test may change before it hands it on."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None
    headers: list


def commit(settings: Settings, topic: str, partition: int, offset: int) -> None:
    with closing(KafkaConsumer(**client_options(settings.kafka), group_id=settings.kafka.group)) as consumer:
        consumer.assign([TopicPartition(topic, partition)])
        consumer.commit({TopicPartition(topic, partition): OffsetAndMetadata(offset, "", -1)})


def raw_records(settings: Settings, topic: str) -> list[Raw]:
    """All records of the topic's partition 0."""
    with closing(KafkaConsumer(**client_options(settings.kafka), auto_offset_reset="earliest")) as consumer:
        place = TopicPartition(topic, 0)
        consumer.assign([place])
        end = consumer.end_offsets([place])[place]
        found: list[Raw] = []
        while consumer.position(place) < end:
            found += [
                Raw(r.topic, r.partition, r.offset, r.timestamp, r.key, r.value, list(r.headers))
                for r in consumer.poll(timeout_ms=1_000).get(place, ())
            ]
        return found
