"""Configuration on a disk that takes nothing more. The kernel refuses every write, as it does then (RLIMIT_FSIZE)."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from riverline.settings import Settings
from riverline_stack.files import write
from riverline_stack.servers import servers


@contextmanager
def no_room() -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_what_cannot_be_written_stays_as_it_was(tmp_path: Path) -> None:
    file = tmp_path / "server.properties"
    write(file, "before\n")
    with no_room(), pytest.raises(OSError):
        write(file, "after\n")
    assert file.read_text() == "before\n"
    write(file, "after\n")
    assert file.read_text() == "after\n"


def test_rights_are_given_anew_when_they_differ(tmp_path: Path) -> None:
    file = tmp_path / "server.cnf"
    write(file, "secret\n")
    write(file, "secret\n", 0o600)
    assert file.stat().st_mode & 0o777 == 0o600


def test_a_full_disk_keeps_nobody_from_asking_how_the_programs_are(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path / "home")
    before = [program.name for program in servers.programs(settings)]
    with no_room():
        after = [program.name for program in servers.programs(settings)]
    assert after == before
    assert all(file.stat().st_size for file in settings.home.rglob("*.conf"))


def test_programs_that_start_at_once_do_not_get_in_each_others_way(tmp_path: Path) -> None:
    file, texts = tmp_path / "storm.yaml", [f"{number}\n" * 200 for number in range(200)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda text: write(file, text), texts))
    assert file.read_text() in texts
    assert list(tmp_path.iterdir()) == [file]
