"""Versions of the project's own code: what was started from older code is started again."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from riverline.settings import ROOT

IGNORED = {"__pycache__"}


def code_version(*places: str) -> str:
    """A digest of all files below the places, which are paths from the project's root."""
    digest = hashlib.sha256()
    for path in sorted(_files(ROOT / place for place in places)):
        digest.update(f"{path.relative_to(ROOT)}\0{hashlib.sha256(path.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()[:16]


def _files(places: Iterable[Path]) -> set[Path]:
    found = (path for place in places for path in ([place] if place.is_file() else place.rglob("*")))
    return {path for path in found if path.is_file() and not IGNORED & set(path.parts) and path.suffix != ".pyc"}
