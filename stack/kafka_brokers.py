"""Three Kafka brokers that are their own controllers (KRaft), all on this machine."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from riverline.errors import Fatal, Transient
from riverline.settings import Kafka, Settings
from stack.addresses import beside, free_address
from stack.cache import held
from stack.class_archive import archive_file, archive_options, train
from stack.jars import Folder, Say, fetch
from stack.java import SMALL, WHOLE, Java
from stack.kafka_metadata import broker_ids
from stack.program import Program

VERSION = "4.4.0"
JARS = Folder("kafka", (f"org.apache.kafka:kafka_2.13:{VERSION}", "org.apache.logging.log4j:log4j-slf4j-impl:2.25.5"))
LOG4J2 = Path(__file__).with_name("log4j2") / "kafka.xml"
CONTROLLER = 100  # a broker's controller listens that many ports above it
MESSAGE_BYTES = 10 << 20  # above the largest page that settings allow, with its headers


@dataclass(frozen=True)
class Broker:
    """One of the brokers: its number, counted from 1, its address and the folder of its data and properties."""

    number: int
    address: str
    folder: Path

    @property
    def controller(self) -> str:
        return beside(self.address, CONTROLLER)

    @property
    def properties(self) -> Path:
        return self.folder / "server.properties"

    @property
    def data(self) -> Path:
        return self.folder / "data"


def install(settings: Settings, say: Say) -> None:
    """Fetch the jars, archive their classes, and format the brokers' storage; what is there already stays."""
    cache = settings.stack.cache
    with held(cache):
        fetch([JARS], cache, say)
        if not _archive(cache).exists():
            say("archiving Kafka's classes for faster starts")
            _train(cache, _archive(cache))
    unformatted = [broker for broker in _render(settings) if not (broker.data / "meta.properties").exists()]
    if unformatted:
        say(f"formatting the storage of {len(unformatted)} brokers")
        _format(unformatted, cache, _cluster_id(settings.home / "kafka" / "cluster-id"))


def programs(settings: Settings) -> list[Program]:
    """The brokers; they start side by side, since each needs another one to be ready."""
    archive = _archive(settings.stack.cache)
    return [_program(broker, settings.stack.cache, archive) for broker in _render(settings)]


def brokers(settings: Settings) -> list[Broker]:
    """The brokers of the settings' bootstrap addresses, in their order."""
    home = settings.home / "kafka"
    return [Broker(number, address, home / str(number)) for number, address in enumerate(settings.kafka.bootstrap, 1)]


def server_properties(broker: Broker, cluster: list[Broker], kafka: Kafka) -> dict[str, str]:
    """A broker's configuration. A dead broker is noticed after 3 s, a dead controller after 1 s."""
    replication = str(min(kafka.replication, len(cluster)))
    in_sync = str(min(kafka.min_insync, len(cluster)))
    return {
        "process.roles": "broker,controller",
        "node.id": str(broker.number),
        "controller.quorum.voters": ",".join(f"{one.number}@{one.controller}" for one in cluster),
        "controller.listener.names": "CONTROLLER",
        "listeners": f"PLAINTEXT://{broker.address},CONTROLLER://{broker.controller}",
        "advertised.listeners": f"PLAINTEXT://{broker.address}",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        "log.dirs": str(broker.data),
        "log.retention.hours": str(kafka.retention_hours),
        "auto.create.topics.enable": "false",
        "unclean.leader.election.enable": "false",
        "default.replication.factor": replication,
        "min.insync.replicas": in_sync,
        "message.max.bytes": str(MESSAGE_BYTES),
        "replica.fetch.max.bytes": str(MESSAGE_BYTES),
        **_internal_topics(replication, in_sync),
        **FAILOVER,
        **SMALL_MACHINE,
    }


def _internal_topics(replication: str, in_sync: str) -> dict[str, str]:
    return {
        "offsets.topic.replication.factor": replication,
        "offsets.topic.num.partitions": "6",
        "transaction.state.log.replication.factor": replication,
        "transaction.state.log.min.isr": in_sync,
        "transaction.state.log.num.partitions": "3",
        "share.coordinator.state.topic.replication.factor": replication,
        "share.coordinator.state.topic.min.isr": in_sync,
        "share.coordinator.state.topic.num.partitions": "3",
        "group.initial.rebalance.delay.ms": "0",
    }


FAILOVER = {
    "controlled.shutdown.enable": "false",  # all stop at once: the last ones would wait for a quorum that is gone
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "controller.quorum.fetch.timeout.ms": "1000",
    "controller.quorum.election.timeout.ms": "500",
    "replica.lag.time.max.ms": "5000",
}

HEAP = "256m"
SMALL_MACHINE = {
    "num.network.threads": "2",
    "num.io.threads": "4",
    "background.threads": "4",
    "log.cleaner.dedupe.buffer.size": "8388608",  # of the heap; the default takes half of it
    "log.index.size.max.bytes": "1048576",  # mapped twice for every partition
}


def _render(settings: Settings) -> list[Broker]:
    cluster = brokers(settings)
    for broker in cluster:
        _write_properties(broker, cluster, settings.kafka)
    return cluster


def _write_properties(broker: Broker, cluster: list[Broker], kafka: Kafka) -> None:
    properties = server_properties(broker, cluster, kafka)
    broker.data.mkdir(parents=True, exist_ok=True)
    broker.properties.write_text("".join(f"{name}={value}\n" for name, value in properties.items()))


def _java(cache: Path, main: str, *arguments: str) -> Java:
    properties = {"log4j2.configurationFile": str(LOG4J2), "log4j2.disable.jmx": "true"}
    return Java(main, str(JARS.path(cache) / "*"), (f"-Xms{HEAP}", f"-Xmx{HEAP}", WHOLE, *SMALL), properties, arguments)


def _program(broker: Broker, cache: Path, archive: Path) -> Program:
    java = _java(cache, "kafka.Kafka", str(broker.properties))
    return Program(
        name=f"kafka-{broker.number}",
        command=java.command(archive_options(archive)),
        ready=answering(broker),
        directory=broker.folder,
        addresses=(broker.address, broker.controller),
        stop_seconds=20,
    )


def answering(broker: Broker) -> Callable[[], None]:
    """Ready when the broker answers, and counts itself among those that serve."""

    def check() -> None:
        if broker.number not in broker_ids(broker.address):
            raise Transient(f"broker {broker.number} is not yet in its cluster")

    return check


def _archive(cache: Path) -> Path:
    return archive_file(JARS.path(cache), "broker")


def _train(cache: Path, archive: Path) -> None:
    """Run a broker of its own, once, in a scratch folder, and archive the classes that it has loaded."""
    with tempfile.TemporaryDirectory(prefix="riverline-kafka-") as scratch:
        broker = Broker(1, free_address(), Path(scratch))
        _write_properties(broker, [broker], Kafka())
        _format([broker], cache, _random_id())
        train(_java(cache, "kafka.Kafka", str(broker.properties)), archive, answering(broker), broker.folder)


def _format(unformatted: list[Broker], cache: Path, cluster_id: str) -> None:
    runs = []
    for broker in unformatted:
        shutil.rmtree(broker.data, ignore_errors=True)
        java = _java(cache, "kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(broker.properties))
        runs.append(subprocess.Popen(java.command(), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
    for broker, run in zip(unformatted, runs, strict=True):
        output = run.communicate()[0]
        if run.returncode != 0:
            raise Fatal(f"the storage of broker {broker.number} cannot be formatted: {output.strip()}")


def _cluster_id(file: Path) -> str:
    """The cluster's id, made once; the brokers' storage carries it."""
    if not file.exists():
        file.write_text(_random_id())
    return file.read_text().strip()


def _random_id() -> str:
    """16 bytes in URL-safe base 64, as Kafka writes its ids; no dash in front, which would look like an option."""
    while (text := urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")).startswith("-"):
        pass
    return text
