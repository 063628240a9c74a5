"""Topics of Kafka: made on first need, with the partitions, copies and limits of the settings."""

from __future__ import annotations

from collections.abc import Collection

from kafka import KafkaAdminClient
from kafka import errors as kafka_errors

from riverline.adapters.kafka.access import client_options, trouble
from riverline.errors import Fatal, Transient
from riverline.settings import Settings

BATCH = 200  # topics of one request: a controller makes that many well within a request's time limit
ENVELOPE = 1 << 20  # bytes that a record may need beyond its body: headers, key, framing

BOOTSTRAP, REQUEST = 10.0, 15.0  # seconds to find the brokers, and for each answer, where nobody waits

_THERE = {kafka_errors.NoError.errno, kafka_errors.TopicAlreadyExistsError.errno}
_WRONG = {
    kafka_errors.InvalidTopicError.errno,
    kafka_errors.InvalidConfigurationError.errno,
    kafka_errors.PolicyViolationError.errno,
}


def connect_admin(settings: Settings, patience: float | None = None) -> KafkaAdminClient:
    """A client for topics and offsets. Raises Transient when no broker answers within 10 s, or within `patience`."""
    try:
        return KafkaAdminClient(
            **client_options(settings.kafka),
            bootstrap_timeout_ms=int((patience or BOOTSTRAP) * 1000),
            request_timeout_ms=int((patience or REQUEST) * 1000),
            client_id="riverline",
        )
    except kafka_errors.KafkaError as error:
        # While somebody waits there is no time to ask why.
        why = error if patience else trouble(settings.kafka, error)
        raise Transient(f"Kafka does not answer at {','.join(settings.kafka.bootstrap)}: {why}") from error


def ensure_topics(settings: Settings, names: Collection[str] = ()) -> None:
    """Makes the dead-letter topic and those named, as far as they are missing. Raises Transient and Fatal."""
    admin = connect_admin(settings)
    try:
        create_topics(admin, settings, {settings.kafka.dead_letter, *names})
    finally:
        admin.close()


def create_topics(admin: KafkaAdminClient, settings: Settings, names: Collection[str]) -> None:
    """Makes the topics that are not there yet; that another process makes one at the same moment is no error.

    Returns when every topic has a leader. Raises Transient when the brokers are away or too few for the replication,
    Fatal for a name or a configuration that they refuse.
    """
    try:
        missing = sorted(set(names) - set(admin.list_topics()))
        for at in range(0, len(missing), BATCH):
            part = missing[at : at + BATCH]
            answer = admin.create_topics({name: _options(settings) for name in part}, raise_errors=False)
            for topic in answer["topics"]:
                _check(topic["name"], topic["error_code"])
            admin.wait_for_topics(part, timeout_ms=20_000)
    except kafka_errors.AuthorizationError as error:
        raise Fatal(f"Kafka refuses to make topics for this user: {error}") from error
    except kafka_errors.KafkaError as error:
        raise Transient(f"topics could not be made: {error}") from error


def _options(settings: Settings) -> dict[str, object]:
    kafka = settings.kafka
    return {
        "num_partitions": kafka.partitions,
        "replication_factor": kafka.replication,
        "configs": {
            "min.insync.replicas": str(min(kafka.min_insync, kafka.replication)),
            "max.message.bytes": str(settings.crawl.max_page_bytes + ENVELOPE),
            "retention.ms": str(kafka.retention_hours * 3_600_000),
        },
    }


def _check(name: str, code: int) -> None:
    if code in _THERE:
        return
    error = kafka_errors.for_code(code)
    if code in _WRONG:
        raise Fatal(f"Kafka refuses the topic {name}: {error.__name__}")
    raise Transient(f"the topic {name} could not be made: {error.__name__}")
