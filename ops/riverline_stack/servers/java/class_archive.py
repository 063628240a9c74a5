"""Archives of the classes that a Java program loads, made by one run of it; with one it starts faster."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from riverline.errors import Fatal, Transient
from riverline.retry import retried
from riverline_stack.servers.java.command_line import Java, java_home

READY_SECONDS = 90
STOP_SECONDS = 90  # in which it ends and writes the archive, on a busy machine too

Say = Callable[[str], None]
Wrap = Callable[[list[str]], list[str]]


def archive_file(folder: Path, name: str) -> Path:
    """The archive's file beside the jars that it was made from; another Java has another one."""
    release = java_home() / "release"
    text = release.read_text() if release.exists() else str(java_home())
    return folder / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:8]}.jsa"


def archive_options(archive: Path) -> list[str]:
    """Java's options to use the archive. It starts without one that does not fit it."""
    return [f"-XX:SharedArchiveFile={archive}", "-Xshare:auto"] if archive.exists() else []


def keep(archive: Path, of: str, make: Callable[[], None], say: Say) -> None:
    """Makes the archive of a program's classes, once. It only saves time: where it cannot be made, or takes too long,
    the program starts without it. That is said, and noted, so that the next start does not try again."""
    if archive.exists():
        return
    noted = archive.with_suffix(".failed")
    if noted.exists():
        say(f"{of} starts without an archive of its classes: making it failed before; to try again, delete {noted}")
        return
    say(f"archiving {of}'s classes for faster starts")
    try:
        make()
    except (Fatal, Transient, OSError, subprocess.SubprocessError) as error:
        with contextlib.suppress(OSError):  # of a full disk, say
            noted.write_text(f"{error}\n")
        say(f"{of} starts without an archive of its classes, which only saves time: {_first_line(error)}")


def _first_line(error: Exception) -> str:
    return (str(error) or repr(error)).partition("\n")[0]


def train(java: Java, archive: Path, ready: Callable[[], None], scratch: Path, wrap: Wrap = list) -> None:
    """Run the program until it is ready, stop it, and keep the archive of what it loaded.

    `scratch` is a folder that it may write to, `wrap` makes its command one that runs under another user. Raises Fatal
    with the end of its output when it does not start and end in time, or writes no archive.
    """
    with training(java, archive, ready, scratch, wrap):
        pass


@contextlib.contextmanager
def training(java: Java, archive: Path, ready: Callable[[], None], scratch: Path, wrap: Wrap = list) -> Iterator[None]:
    """As `train`, for programs that need each other: it runs, and is ready, until the block ends."""
    made = scratch / archive.name
    with tempfile.TemporaryFile("w+") as log:
        command = wrap(java.command([f"-XX:ArchiveClassesAtExit={made}", "-Xlog:cds=error", "-Xlog:cds+dynamic=error"]))
        run = subprocess.Popen(command, cwd=scratch, stdout=log, stderr=subprocess.STDOUT, text=True)
        try:
            # While it lives: what has ended will not be ready.
            retried(
                ready,
                lambda error: isinstance(error, Transient) and run.poll() is None,
                pause=0.2,
                seconds=READY_SECONDS,
            )
            yield
            run.terminate()
            run.wait(STOP_SECONDS)
        except (Transient, subprocess.TimeoutExpired) as error:
            log.seek(0)
            late = isinstance(error, subprocess.TimeoutExpired)  # whose text is the whole command line
            why = f"it went on for {STOP_SECONDS} s after it was told to end" if late else error
            raise Fatal(f"{java.main} did not start and end in time: {why}\n{log.read()[-2000:]}") from error
        finally:
            run.kill()
            run.wait()
    if not made.exists():
        raise Fatal(f"{java.main} wrote no archive")
    part = archive.with_suffix(".part")
    shutil.copyfile(made, part)
    part.rename(archive)
