"""The folder of backups: each backup is a folder, named by its time (UTC), with a manifest of its contents.

Only the owner may read them. The name of an unfinished backup ends in `.draft`.
"""

from __future__ import annotations

import fcntl
import json
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from riverline.errors import Invalid, NotFound, Transient
from riverline.settings import Settings
from riverline_stack.servers.credentials import write_private

FORMAT = 1
MANIFEST = "manifest.json"
DRAFT = ".draft"
_NAME = "%Y-%m-%dT%H%M%SZ"


@dataclass(frozen=True)
class Part:
    """One file of a backup."""

    file: str
    bytes: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup holds. `offsets`: by topic and partition, the first and the next offset, and the committed one."""

    name: str
    began_at: int  # ms since 1970; what was written before is in it
    scheduled: bool
    versions: Mapping[str, str]
    revision: str  # of the tables
    gtid: str  # the position in MariaDB's history
    rows: Mapping[str, int]  # by table
    documents: Mapping[str, int]  # by index
    alias: str  # the index that `documents` stands for
    offsets: Mapping[str, Mapping[str, tuple[int, int, int]]]
    parts: tuple[Part, ...] = field(default=())
    format: int = FORMAT

    @property
    def bytes(self) -> int:
        return sum(part.bytes for part in self.parts)

    @property
    def made(self) -> datetime:
        return datetime.fromtimestamp(self.began_at / 1000, UTC)


def name_of(at_ms: int) -> str:
    """The name of a backup that begins then."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime(_NAME)


def root(settings: Settings) -> Path:
    """The folder of all backups."""
    path = settings.backup.folder or settings.home / "backups"
    path.mkdir(parents=True, exist_ok=True, mode=0o700)
    return path


def path_of(settings: Settings, name: str) -> Path:
    """The folder of that backup; of the newest, where none is named. Raises NotFound."""
    if not name:
        names = [manifest.name for manifest in listed(settings)]
        if not names:
            raise NotFound(f"there is no backup in {root(settings)}")
        name = names[-1]
    path = root(settings) / name
    if not (path / MANIFEST).is_file():
        raise NotFound(f"there is no backup {name} in {root(settings)}")
    return path


def listed(settings: Settings) -> list[Manifest]:
    """All that are finished, the oldest first."""
    found = [path.parent for path in root(settings).glob(f"*/{MANIFEST}") if path.parent.suffix != DRAFT]
    return sorted(map(read, found), key=lambda manifest: manifest.began_at)


def read(path: Path) -> Manifest:
    """The manifest of a backup. Raises Invalid for one of another form."""
    try:
        tree: dict[str, Any] = json.loads((path / MANIFEST).read_text())
        if tree["format"] != FORMAT:
            raise Invalid(f"{path} has format {tree['format']}; this program reads {FORMAT}")
        return Manifest(**{**tree, "parts": tuple(Part(**part) for part in tree["parts"])})
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise Invalid(f"{path / MANIFEST} cannot be read: {error}") from error


def write(path: Path, manifest: Manifest) -> None:
    write_private(path / MANIFEST, json.dumps(asdict(manifest), indent=1))


@contextmanager
def alone(settings: Settings) -> Iterator[None]:
    """One command at a time works on the backups. Raises Transient when it is another one's turn."""
    with (root(settings) / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Transient("another command is working on the backups") from None
        yield


def outdated(manifests: Iterable[Manifest], keep: int) -> list[Manifest]:
    """Scheduled backups that are not the newest of one of the last `keep` days that have some; others stay."""
    newest: dict[str, Manifest] = {}
    scheduled = sorted((each for each in manifests if each.scheduled), key=lambda each: each.began_at)
    for each in scheduled:
        newest[f"{each.made:%Y-%m-%d}"] = each
    kept = [newest[day] for day in sorted(newest)[-keep:]]
    return [each for each in scheduled if each not in kept]


def prune(settings: Settings) -> list[str]:
    """Removes what is outdated, and what unfinished backups left. Returns the names."""
    names = [each.name for each in outdated(listed(settings), settings.backup.keep)]
    names += [path.name for path in root(settings).glob(f"*{DRAFT}")]
    for name in names:
        shutil.rmtree(root(settings) / name)
    return names
