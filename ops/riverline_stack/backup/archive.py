"""Folders as one file each (tar, zstd), whose digest is taken while it is written."""

from __future__ import annotations

import hashlib
import os
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

import zstandard

from riverline.errors import Invalid
from riverline_stack.backup.folder import Part

LEVEL = 3
CHUNK = 1 << 20


class _Digesting:
    """A file that is written to, and digested on the way."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.digest, self.size = file, hashlib.sha256(), 0

    def write(self, data: bytes) -> int:
        self.digest.update(data)
        self.size += len(data)
        return self.file.write(data)


def pack(source: Path, target: Path) -> Part:
    """The folder's content in a file that nobody else may read."""
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        through = _Digesting(file)
        with (
            zstandard.ZstdCompressor(level=LEVEL).stream_writer(through, closefd=False) as packed,  # type: ignore[arg-type]
            tarfile.open(fileobj=packed, mode="w|") as tar,
        ):
            for path in sorted(source.iterdir()):
                tar.add(path, path.name)
        file.flush()
        os.fsync(file.fileno())
    return Part(target.name, through.size, through.digest.hexdigest())


def unpack(archive: Path, target: Path) -> None:
    """The folder's content again. Raises Invalid for a file that is not whole."""
    target.mkdir(parents=True, exist_ok=True)
    with _opened(archive) as tar:
        for member in tar:
            tar.extract(_harmless(archive, member), target, numeric_owner=True)


def _harmless(archive: Path, member: tarfile.TarInfo) -> tarfile.TarInfo:
    """A file or a folder below the target, which will be ours: Python has filters for that only from 3.11.4 on."""
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or not (member.isfile() or member.isdir()):
        raise Invalid(f"{archive} cannot be read: it holds {member.name}, which is no file below it")
    member.uid, member.gid = os.geteuid(), os.getegid()
    return member


def examine(archive: Path) -> int:
    """Reads all of it: how many files it holds. Raises Invalid for a file that is not whole."""
    with _opened(archive) as tar:
        return sum(1 for member in tar if member.isfile() and _read_through(tar, member))


def _read_through(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bool:
    content = tar.extractfile(member)
    while content and content.read(CHUNK):
        pass
    return True


@contextmanager
def _opened(archive: Path) -> Iterator[tarfile.TarFile]:
    try:
        with (
            archive.open("rb") as file,
            zstandard.ZstdDecompressor().stream_reader(file) as reading,
            tarfile.open(fileobj=reading, mode="r|") as tar,
        ):
            yield tar
    except (OSError, EOFError, tarfile.TarError, zstandard.ZstdError) as error:
        raise Invalid(f"{archive} cannot be read: {error}") from error


def part_of(path: Path) -> Part:
    """The file as it stands."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while data := file.read(CHUNK):
            digest.update(data)
    return Part(path.name, path.stat().st_size, digest.hexdigest())
