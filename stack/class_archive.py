"""Archives of the classes that a Java program loads, made by one run of it; with one it starts faster."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from riverline.errors import Fatal, Transient
from stack.java import Java, java_home

READY_SECONDS = 180
STOP_SECONDS = 60

Wrap = Callable[[list[str]], list[str]]


def archive_file(folder: Path, name: str) -> Path:
    """The archive's file beside the jars that it was made from; another Java has another one."""
    release = java_home() / "release"
    text = release.read_text() if release.exists() else str(java_home())
    return folder / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}.jsa"


def archive_options(archive: Path) -> list[str]:
    """What Java is told to use the archive. It starts without one that does not fit it."""
    return [f"-XX:SharedArchiveFile={archive}", "-Xshare:auto"] if archive.exists() else []


def train(java: Java, archive: Path, ready: Callable[[], None], scratch: Path, wrap: Wrap = list) -> None:
    """Run the program until it is ready, stop it, and keep the archive of what it loaded.

    `scratch` is a folder that it may write to, `wrap` makes its command one that runs under another user. Raises Fatal
    with the end of its output when it does not start.
    """
    made = scratch / archive.name
    with tempfile.TemporaryFile("w+") as log:
        command = wrap(java.command([f"-XX:ArchiveClassesAtExit={made}", "-Xlog:cds=error", "-Xlog:cds+dynamic=error"]))
        run = subprocess.Popen(command, cwd=scratch, stdout=log, stderr=subprocess.STDOUT, text=True)
        try:
            _wait(run, ready)
            run.terminate()
            run.wait(STOP_SECONDS)
        except (Transient, subprocess.TimeoutExpired) as error:
            log.seek(0)
            raise Fatal(f"{java.main} did not start: {error}\n{log.read()[-2000:]}") from error
        finally:
            run.kill()
            run.wait()
    if made.exists():
        part = archive.with_suffix(".part")
        shutil.copyfile(made, part)
        part.rename(archive)


def _wait(run: subprocess.Popen[str], ready: Callable[[], None]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while run.poll() is None:
        try:
            return ready()
        except Transient:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
    raise Transient(f"it ended with status {run.returncode}")
