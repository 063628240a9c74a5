"""The targets that a crawl is given in a file."""

from __future__ import annotations

from pathlib import Path

from riverline.crawl.targets import hosts_of, targets_of
from riverline.errors import Invalid
from riverline.model import Target

__all__ = ["hosts_of", "load_targets", "read_targets"]


def read_targets(file: Path) -> list[Target]:
    """All targets of a file. Raises Invalid that names the file, the field and what it takes."""
    try:
        text = file.read_bytes()
    except OSError as error:
        raise Invalid(f"{file}: {error.strerror or error}") from error
    return targets_of(text, str(file))


def load_targets(file: Path) -> list[Target]:
    """The enabled ones."""
    return [target for target in read_targets(file) if target.enabled]
