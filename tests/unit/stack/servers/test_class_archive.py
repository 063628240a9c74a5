from __future__ import annotations

import os
from pathlib import Path

import pytest

from riverline.errors import Fatal, Transient
from riverline_stack.servers.java import class_archive
from riverline_stack.servers.java.class_archive import archive_options, keep, train
from riverline_stack.servers.java.command_line import Java

PROGRAM = Java("Main", "lib/*")

# In place of Java: writes the archive when it is asked to end, as the virtual machine does.
FAKE_JAVA = """#!/bin/sh
for argument; do case $argument in -XX:ArchiveClassesAtExit=*) archive=${argument#*=} ;; esac; done
trap 'echo classes > "$archive"; exit 143' TERM
touch ready
while :; do sleep 0.05; done
"""


def install_java(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "bin").mkdir()
    (folder / "bin" / "java").write_text(script)
    (folder / "bin" / "java").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder / 'bin'}:{os.environ['PATH']}")


def test_the_archive_is_kept_once_the_program_was_ready(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_java(tmp_path, FAKE_JAVA, monkeypatch)

    def ready() -> None:
        if not (tmp_path / "ready").exists():
            raise Transient("not yet")

    (tmp_path / "cache").mkdir()
    train(PROGRAM, tmp_path / "cache" / "it.jsa", ready, tmp_path)
    assert [file.name for file in (tmp_path / "cache").iterdir()] == ["it.jsa"]


def test_a_program_that_does_not_start_is_told_with_its_output(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_java(tmp_path, "#!/bin/sh\necho 'out of luck'\nexit 1\n", monkeypatch)

    with pytest.raises(Fatal, match="out of luck"):
        train(PROGRAM, tmp_path / "it.jsa", never, tmp_path)


def test_java_is_not_told_of_an_archive_that_is_not_there(tmp_path: Path) -> None:
    assert archive_options(tmp_path / "none.jsa") == []


def never() -> None:
    raise Transient("not yet")


FAILING = "#!/bin/sh\necho 'out of luck'\nexit 1\n"
SLOW = "#!/bin/sh\nexec sleep 1000\n"
SILENT = "#!/bin/sh\ntouch ready\nexec sleep 1000\n"  # it ends when it is told to, and writes nothing
STUBBORN = "#!/bin/sh\ntrap '' TERM\ntouch ready\nwhile :; do sleep 0.05; done\n"


@pytest.mark.parametrize("script", [FAILING, SLOW, SILENT, STUBBORN])
def test_an_archive_that_cannot_be_made_is_left_out_and_said_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str
) -> None:
    install_java(tmp_path, script, monkeypatch)
    monkeypatch.setattr(class_archive, "READY_SECONDS", 0.3)
    monkeypatch.setattr(class_archive, "STOP_SECONDS", 0.3)
    said: list[str] = []
    archive = tmp_path / "it.jsa"

    def ready() -> None:
        if not (tmp_path / "ready").exists():
            raise Transient("not yet")

    for _ in range(2):
        keep(archive, "Kafka", lambda: train(PROGRAM, archive, ready, tmp_path), said.append)
    assert said[0] == "archiving Kafka's classes for faster starts"
    assert said[1].startswith("Kafka starts without an archive of its classes, which only saves time: Main ")
    assert "Command" not in said[1] and len(said[1]) < 200, "a sentence, and not the whole command line"
    assert said[2].endswith(f"to try again, delete {tmp_path / 'it.failed'}")
    assert len(said) == 3 and not archive.exists()


def test_a_folder_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    said: list[str] = []
    keep(tmp_path / "absent" / "it.jsa", "Kafka", lambda: (tmp_path / "absent" / "it").write_text(""), said.append)
    assert "only saves time" in said[1]
