from __future__ import annotations

import os
from pathlib import Path

import pytest

from riverline.errors import Fatal, Transient
from stack.class_archive import archive_options, train
from stack.java import Java

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

    def never() -> None:
        raise Transient("not yet")

    with pytest.raises(Fatal, match="out of luck"):
        train(PROGRAM, tmp_path / "it.jsa", never, tmp_path)


def test_java_is_not_told_of_an_archive_that_is_not_there(tmp_path: Path) -> None:
    assert archive_options(tmp_path / "none.jsa") == []
