"""Our reporter in the brokers, which stops the meters of single topics; compiled against Kafka's jars."""

from __future__ import annotations

import hashlib
from pathlib import Path

from riverline_stack.servers.java.jars import Say
from riverline_stack.servers.java.javac import make_jar

SOURCE = Path(__file__).with_name("kafka") / "TopicMeters.java"
REPORTERS = "org.apache.kafka.common.metrics.JmxReporter,riverline.kafka.TopicMeters"  # the first is Kafka's default


def meters_jar(cache: Path, libraries: Path) -> Path:
    """The jar with the reporter for the Kafka in the folder `libraries`."""
    digest = hashlib.sha256(str(libraries).encode() + SOURCE.read_bytes())
    return cache / f"kafka-meters-{digest.hexdigest()[:8]}.jar"


def install_meters(cache: Path, libraries: Path, say: Say) -> None:
    """Compiles the reporter; a jar that is there stays."""
    if not meters_jar(cache, libraries).exists():
        say("compiling the brokers' reporter")
        make_jar(meters_jar(cache, libraries), [SOURCE], [libraries])
