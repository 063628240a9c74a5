"""The project's own Java, compiled into a jar."""

from __future__ import annotations

import subprocess
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path

from riverline.errors import Fatal


def make_jar(jar: Path, sources: Sequence[Path], libraries: Iterable[Path]) -> None:
    """Compile the sources against the jars in the folders `libraries`. Raises Fatal with what the compiler said."""
    with tempfile.TemporaryDirectory(prefix="riverline-classes-") as classes:
        _compile(sources, Path(classes), libraries)
        part = jar.with_suffix(".part")
        _pack(Path(classes), part)
        part.rename(jar)


def _compile(sources: Iterable[Path], classes: Path, libraries: Iterable[Path]) -> None:
    class_path = ":".join(str(library / "*") for library in libraries)
    command = ["javac", "--release", "17", "-proc:none", "-nowarn", "-d", str(classes), "-cp", class_path]
    try:
        run = subprocess.run([*command, *map(str, sources)], capture_output=True, text=True)
    except FileNotFoundError:
        raise Fatal("there is no `javac`: install the package openjdk-17-jdk-headless") from None
    if run.returncode != 0:
        raise Fatal(f"the stack's Java does not compile:\n{run.stdout}{run.stderr}")


def _pack(classes: Path, jar: Path) -> None:
    with zipfile.ZipFile(jar, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(classes.rglob("*.class")):
            archive.write(file, file.relative_to(classes))
