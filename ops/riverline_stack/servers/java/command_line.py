"""Command lines of Java programs."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from riverline.errors import Fatal

# Without these a virtual machine that has nothing to do wakes up 20 times a second to write counters that only jps and
# jstat read, four times to look for locks that it could let go of, and once to stop all threads for nothing.
STILL = (
    "-XX:-UsePerfData",
    "-XX:+UnlockDiagnosticVMOptions",
    "-XX:+IgnoreUnrecognizedVMOptions",  # another Java may not have the next ones
    "-XX:AsyncDeflationInterval=5000",
    "-XX:GuaranteedSafepointInterval=0",
)
SMALL = ("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1")  # short start, little memory; for what does no heavy work


def heap(first: int, most: int | str, young: int) -> tuple[str, ...]:
    """The heap, in MiB: so much from the start and taken at once, and at most so much. `young` is what new objects get
    of it, whatever its size: how often they are collected depends on that alone, and what a server keeps is little.
    """
    return (f"-Xms{first}m", f"-Xmx{most}m", f"-XX:NewSize={young}m", "-XX:+AlwaysPreTouch")


@dataclass(frozen=True)
class Java:
    """A Java program: its class path, options of the virtual machine, system properties, main class and arguments."""

    main: str
    class_path: str
    options: tuple[str, ...] = ()
    properties: Mapping[str, str] = field(default_factory=dict)
    arguments: tuple[str, ...] = ()

    def command(self, more: Iterable[str] = ()) -> list[str]:
        """The command line; `more` are further options of the virtual machine."""
        properties = [f"-D{name}={value}" for name, value in self.properties.items()]
        return [
            "java",
            *STILL,
            *self.options,
            *more,
            *properties,
            "-cp",
            self.class_path,
            self.main,
            *self.arguments,
        ]


def java_home() -> Path:
    """Where the `java` on the path is installed. Raises Fatal when there is none."""
    found = shutil.which("java")
    if found is None:
        raise Fatal("there is no `java`: install the package openjdk-17-jdk-headless")
    return Path(found).resolve().parents[1]
