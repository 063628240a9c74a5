"""Whether a backup is whole, and whether its parts can be opened."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from riverline.errors import Invalid
from riverline.settings import Settings
from riverline_stack.backup import folder
from riverline_stack.backup.archive import examine, part_of
from riverline_stack.backup.create import ELASTICSEARCH, MYSQL, Say, opened


def verify(settings: Settings, name: str, say: Say) -> list[str]:
    """What is wrong with it; nothing when all is well. `name` may be empty: the newest."""
    path = folder.path_of(settings, name)
    manifest = folder.read(path)
    problems = list(_sums(path, manifest))
    if problems:
        return problems
    say(f"{len(manifest.parts)} files are unchanged")
    try:
        examine(path / ELASTICSEARCH)
        found = opened(settings, path / MYSQL)
    except Invalid as error:
        return [str(error)]
    say(f"a server opened {len(found.rows)} tables with {sum(found.rows.values())} rows")
    if (found.revision, found.rows) != (manifest.revision, dict(manifest.rows)):
        return [f"the tables hold {found.rows} at {found.revision}; the manifest says {dict(manifest.rows)}"]
    return []


def _sums(path: Path, manifest: folder.Manifest) -> Iterator[str]:
    for part in manifest.parts:
        if not (path / part.file).is_file():
            yield f"{part.file} is missing"
        elif part_of(path / part.file) != part:
            yield f"{part.file} has changed since it was written"
        elif (path / part.file).stat().st_mode & 0o077:
            yield f"{part.file} may be read by others: chmod 600 it"
