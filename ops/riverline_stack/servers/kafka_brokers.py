"""Three Kafka brokers that are their own controllers (KRaft), on this machine or on three."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
import uuid
from base64 import urlsafe_b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from secrets import token_urlsafe

from riverline.errors import Fatal, Transient
from riverline.settings import Kafka, Settings
from riverline_stack.kafka_meters import REPORTERS, install_meters, meters_jar
from riverline_stack.servers.addresses import beside, free_address, is_here
from riverline_stack.servers.cache import held
from riverline_stack.servers.credentials import credential, password_of, write_private
from riverline_stack.servers.java.class_archive import archive_file, archive_options, keep, train
from riverline_stack.servers.java.command_line import SMALL, Java, heap, java_home
from riverline_stack.servers.java.jars import Folder, Say, fetch
from riverline_stack.servers.kafka_metadata import broker_ids
from riverline_stack.servers.shown import Identity, shown_by
from riverline_stack.supervision.accounts import KAFKA
from riverline_stack.supervision.program import Program

VERSION = "4.4.0"
JARS = Folder("kafka", (f"org.apache.kafka:kafka_2.13:{VERSION}", "org.apache.logging.log4j:log4j-slf4j-impl:2.25.5"))
LOG4J2 = Path(__file__).with_name("log4j2") / "kafka.xml"
BROKER = "riverline_broker"  # who brokers and controllers are to each other
LOGIN = "org.apache.kafka.common.security.plain.PlainLoginModule"
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
        install_meters(cache, JARS.path(cache), say)
        keep(_archive(cache), "Kafka", lambda: _train(cache, _archive(cache)), say)
    here = [broker for broker in _render(settings) if is_here(settings, broker.address)]
    cluster_id = _cluster_id(settings)
    unformatted = [broker for broker in here if not (broker.data / "meta.properties").exists()]
    if unformatted:
        say(f"formatting the storage of {len(unformatted)} brokers")
        _format(unformatted, cache, cluster_id)


def programs(settings: Settings) -> list[Program]:
    """The brokers; they start side by side, since each needs another one to be ready."""
    archive = _archive(settings.stack.cache)
    found = []
    for broker in _render(settings):
        shown = _shown(settings, broker)
        program = _program(broker, settings.kafka, settings.stack.cache, archive)
        found.append(replace(program, version=shown.version) if shown else program)
    return found


def brokers(settings: Settings) -> list[Broker]:
    """The brokers of the settings' bootstrap addresses, in their order."""
    home = settings.home / "kafka"
    return [Broker(number, address, home / str(number)) for number, address in enumerate(settings.kafka.bootstrap, 1)]


def server_properties(
    broker: Broker, cluster: list[Broker], kafka: Kafka, own: str, clients: str, shown: Identity | None = None
) -> dict[str, str]:
    """A broker's configuration. A dead broker is noticed after 3 s, a dead controller after 1 s.

    `own` is the password that brokers and controllers show each other, `clients` that of the settings' user; without
    that one nobody is asked. With `shown` all of them speak TLS.
    """
    replication = str(min(kafka.replication, len(cluster)))
    in_sync = str(min(kafka.min_insync, len(cluster)))
    return {
        "process.roles": "broker,controller",
        "node.id": str(broker.number),
        "controller.quorum.voters": ",".join(f"{one.number}@{one.controller}" for one in cluster),
        "controller.listener.names": "CONTROLLER",
        "listeners": f"CLIENTS://{broker.address},CONTROLLER://{broker.controller}",
        "advertised.listeners": f"CLIENTS://{broker.address}",
        "inter.broker.listener.name": "CLIENTS",
        **(_accounts({BROKER: own, kafka.user: clients}) if clients else {}),
        **_encrypted("SASL_" if clients else "", shown),
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
        **REST,
        **SMALL_MACHINE,
    }


def _encrypted(access: str, shown: Identity | None) -> dict[str, str]:
    """What listeners speak, and what they show."""
    protocol = access + ("SSL" if shown else "PLAINTEXT")
    spoken = {"listener.security.protocol.map": f"CLIENTS:{protocol},CONTROLLER:{protocol}"}
    if shown is None:
        return spoken
    return spoken | {
        "ssl.keystore.type": "PEM",
        "ssl.keystore.location": str(shown.own),
        "ssl.truststore.type": "PEM",
        "ssl.truststore.location": str(shown.authority),
        "ssl.enabled.protocols": "TLSv1.3,TLSv1.2",
    }


def _accounts(passwords: Mapping[str, str]) -> dict[str, str]:
    """Who may connect. The first is the user with which a broker logs in to the others; controllers accept no other."""
    (name, own), *_ = passwords.items()
    shows = f"{LOGIN} required username={_quoted(name)} password={_quoted(own)}"
    known = " ".join(f"user_{user}={_quoted(password)}" for user, password in passwords.items())
    return {
        "sasl.enabled.mechanisms": "PLAIN",
        "sasl.mechanism.inter.broker.protocol": "PLAIN",
        "sasl.mechanism.controller.protocol": "PLAIN",
        "listener.name.clients.plain.sasl.jaas.config": f"{shows} {known};",
        "listener.name.controller.plain.sasl.jaas.config": f"{shows} user_{name}={_quoted(own)};",
    }


def _quoted(text: str) -> str:
    """As JAAS reads it."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


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
    "broker.heartbeat.interval.ms": "1000",
    "controller.quorum.fetch.timeout.ms": "1000",
    "controller.quorum.election.timeout.ms": "500",
    "replica.lag.time.max.ms": "5000",
}

# What goes on while nobody writes. A fetch that finds nothing is answered when something is written, or after this
# long, having looked at every partition: with hundreds of topics that is most of what a broker does at rest. The first
# record of a new topic may wait for the end of one.
REST = {
    "replica.fetch.wait.max.ms": "2000",  # well below replica.lag.time.max.ms, else followers count as behind
    "metadata.max.idle.interval.ms": "10000",  # between records that the controller writes to show that it is there
    # A broker writes for all of its partitions how far they are replicated. What it reads there after a crash is only
    # where it begins: the leader says more with the first fetch.
    "replica.high.watermark.checkpoint.interval.ms": "30000",
    "metric.reporters": REPORTERS,
}

HEAP = heap(144, 1024, 80)  # the second with ten thousand topics; 2 000 fill 256
SMALL_MACHINE = {
    "num.network.threads": "2",
    "listener.name.controller.num.network.threads": "1",  # some requests a second; each thread looks three times
    "num.io.threads": "2",
    "background.threads": "4",
    "group.coordinator.threads": "1",  # there is one group
    "log.cleaner.dedupe.buffer.size": "8388608",  # of the heap; the default takes half of it
    "log.index.size.max.bytes": "1048576",  # mapped twice for every partition
}


def _render(settings: Settings) -> list[Broker]:
    cluster = brokers(settings)
    for broker in cluster:
        _write_properties(
            broker, cluster, settings.kafka, credential(settings, "kafka-broker"), _shown(settings, broker)
        )
    return cluster


def _shown(settings: Settings, broker: Broker) -> Identity | None:
    return shown_by(settings, broker.folder, broker.address) if settings.kafka.tls else None


def _write_properties(
    broker: Broker, cluster: list[Broker], kafka: Kafka, own: str, shown: Identity | None = None
) -> None:
    clients = password_of(kafka, *(one.address for one in cluster))
    properties = server_properties(broker, cluster, kafka, own, clients, shown)
    broker.data.mkdir(parents=True, exist_ok=True)
    lines = (f"{name}={value}\n".replace("\\", "\\\\") for name, value in properties.items())
    write_private(broker.properties, "".join(lines))


def _java(cache: Path, main: str, *arguments: str) -> Java:
    properties = {"log4j2.configurationFile": str(LOG4J2), "log4j2.disable.jmx": "true"}
    # Ours stands last: an archive of classes fits as long as the class path begins as it did then.
    class_path = f"{JARS.path(cache) / '*'}:{meters_jar(cache, JARS.path(cache))}"
    return Java(main, class_path, (*HEAP, *SMALL), properties, arguments)


def _program(broker: Broker, kafka: Kafka, cache: Path, archive: Path) -> Program:
    java = _java(cache, "kafka.Kafka", str(broker.properties))
    return Program(
        name=f"kafka-{broker.number}",
        command=java.command(archive_options(archive)),
        ready=answering(broker, kafka),
        directory=broker.folder,
        account=KAFKA,
        own=(broker.folder,),
        reads=(LOG4J2, cache, java_home()),
        addresses=(broker.address, broker.controller),
        stop_seconds=20,
    )


def answering(broker: Broker, kafka: Kafka) -> Callable[[], None]:
    """Ready when the broker answers, and counts itself among those that serve."""

    def check() -> None:
        if broker.number not in broker_ids(broker.address, kafka):
            raise Transient(f"broker {broker.number} is not yet in its cluster")

    return check


def _archive(cache: Path) -> Path:
    return archive_file(JARS.path(cache), "broker")


def _train(cache: Path, archive: Path) -> None:
    """Run a broker of its own, once, in a scratch folder, and archive the classes that it has loaded."""
    with tempfile.TemporaryDirectory(prefix="riverline-kafka-") as scratch:
        broker, kafka = Broker(1, free_address(), Path(scratch)), Kafka(password_file=Path(scratch) / "password")
        _write_properties(broker, [broker], kafka, token_urlsafe())
        _format([broker], cache, _random_id())
        train(_java(cache, "kafka.Kafka", str(broker.properties)), archive, answering(broker, kafka), broker.folder)


def _format(unformatted: list[Broker], cache: Path, cluster_id: str) -> None:
    runs = []
    for broker in unformatted:
        shutil.rmtree(broker.data, ignore_errors=True)
        java = _java(cache, "kafka.tools.StorageTool", "format", "-t", cluster_id, "-c", str(broker.properties))
        command = java.command(archive_options(_archive(cache)))
        runs.append(subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
    for broker, run in zip(unformatted, runs, strict=True):
        output = run.communicate()[0]
        if run.returncode != 0:
            raise Fatal(f"the storage of broker {broker.number} cannot be formatted: {output.strip()}")


def _cluster_id(settings: Settings) -> str:
    """The cluster's id, which the brokers' storage carries: made once, or, where each host would make another one, told
    by the password that all brokers have."""
    if settings.stack.host:
        shared = credential(settings, "kafka-broker")
        return _as_id(hashlib.sha256(f"cluster:{shared}".encode()).digest()[:16])
    file = settings.home / "kafka" / "cluster-id"
    identity = file.read_text().strip() if file.exists() else _random_id()
    write_private(file, identity)  # an earlier version left it open
    return identity


def _random_id() -> str:
    return _as_id(uuid.uuid4().bytes)


def _as_id(number: bytes) -> str:
    """16 bytes in URL-safe base 64, as Kafka writes its ids; no dash in front, which would look like an option."""
    text = urlsafe_b64encode(number).decode().rstrip("=")
    return "A" + text[1:] if text.startswith("-") else text
