"""Jars by Maven coordinates, with what they need at run time, in folders of the cache.

One run of Maven fetches all folders that are missing: each is a module of a reactor that is written for that run, and
modules are resolved side by side.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from riverline.errors import Fatal

COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"
FAST_START = "-XX:+UseSerialGC -XX:TieredStopAtLevel=1 -Xmx512m"
STAMP = ".complete"

Say = Callable[[str], None]

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_ADVICE = ("[Help", "To see the full", "Re-run Maven", "For more information", "After correcting", "mvn <args>")


@dataclass(frozen=True)
class Folder:
    """Jars that belong together.

    `coordinates` are `group:artifact:version`; `without` are `group:artifact` (`*:*` for all that they need); `absent`
    are parent POMs that the jars name and repositories lack: an empty one stands in for each.
    """

    name: str
    coordinates: tuple[str, ...]
    without: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()

    def path(self, cache: Path) -> Path:
        """Where the jars lie. Other coordinates are another folder, so an upgrade never mixes versions."""
        text = "\n".join([*self.coordinates, "without", *self.without])
        return cache / "jars" / f"{self.name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}"

    def complete(self, cache: Path) -> bool:
        return (self.path(cache) / STAMP).exists()


def fetch(folders: Iterable[Folder], cache: Path, say: Say) -> None:
    """Make the folders that are not complete yet. Raises Fatal with Maven's last lines when that fails."""
    missing = [folder for folder in folders if not folder.complete(cache)]
    if not missing:
        return
    say(f"fetching jars: {', '.join(folder.name for folder in missing)}")
    for folder in missing:
        shutil.rmtree(folder.path(cache), ignore_errors=True)
        folder.path(cache).mkdir(parents=True)
    with tempfile.TemporaryDirectory(prefix="riverline-jars-") as scratch:
        write_reactor(Path(scratch), missing, cache)
        _run_maven(Path(scratch))
    for folder in missing:
        _stamp(folder, cache)


def write_reactor(root: Path, folders: Sequence[Folder], cache: Path) -> None:
    """Maven's project files: a parent, and a module a folder that copies its jars to where they belong."""
    modules = {folder.name: module(folder, folder.path(cache)) for folder in folders}
    modules |= {
        coordinate.replace(":", "-"): _project(coordinate, "") for folder in folders for coordinate in folder.absent
    }
    listed = "".join(f"<module>{name}</module>" for name in modules)
    (root / "pom.xml").write_text(_project("riverline.stack:jars:1", f"<modules>{listed}</modules>"))
    for name, text in modules.items():
        (root / name).mkdir()
        (root / name / "pom.xml").write_text(text)


def module(folder: Folder, output: Path) -> str:
    """The project file of one folder. What is left out is left out below each of the coordinates."""
    exclusions = "".join(f"<exclusion>{_identity(entry)}</exclusion>" for entry in folder.without)
    dependencies = "".join(
        f"<dependency>{_identity(coordinate)}<exclusions>{exclusions}</exclusions></dependency>"
        for coordinate in folder.coordinates
    )
    properties = f"<properties><outputDirectory>{escape(str(output))}</outputDirectory></properties>"
    return _project(f"riverline.stack:{folder.name}:1", f"{properties}<dependencies>{dependencies}</dependencies>")


def maven_failure(output: str) -> str:
    """What Maven said, shortened to the lines that tell the cause."""
    lines = [
        _COLOUR.sub("", line).removeprefix("[ERROR]").split(" -> [Help")[0].strip() for line in output.splitlines()
    ]
    causes = [line for line in lines if line and not line.startswith(_ADVICE)]
    return (
        "Maven could not fetch the jars. Check the network and, where one is needed, the mirror in Maven's settings.\n"
        + ("\n".join(causes[-8:]))
    )


def _project(coordinate: str, content: str) -> str:
    return (
        '<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>'
        f"{_identity(coordinate)}<packaging>pom</packaging>{content}</project>"
    )


def _identity(coordinate: str) -> str:
    tags = zip(("groupId", "artifactId", "version"), coordinate.split(":"), strict=False)
    return "".join(f"<{tag}>{part}</{tag}>" for tag, part in tags)


def _run_maven(root: Path) -> None:
    command = ["mvn", "--batch-mode", "--quiet", "--threads", "4", "-Dmaven.artifact.threads=16"]
    command += [COPY, "-DincludeScope=runtime"]
    environment = {**os.environ, "MAVEN_OPTS": os.environ.get("MAVEN_OPTS") or FAST_START}
    try:
        run = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True)
    except FileNotFoundError:
        raise Fatal("there is no `mvn`: install the package maven") from None
    if run.returncode != 0:
        raise Fatal(maven_failure(run.stdout + run.stderr))


def _stamp(folder: Folder, cache: Path) -> None:
    if not any(folder.path(cache).glob("*.jar")):
        raise Fatal(f"Maven fetched no jar for {', '.join(folder.coordinates)}")
    (folder.path(cache) / STAMP).write_text("\n".join(folder.coordinates))
