"""Passwords that the stack makes up for itself, one a file, readable by its user alone."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from riverline.settings import Settings


def credential(settings: Settings, name: str) -> str:
    """The password of that name; made at first use."""
    path = settings.home / "secrets" / name
    if not path.exists():
        keep(settings, name, secrets.token_urlsafe(24))
    return path.read_text().strip()


def keep(settings: Settings, name: str, secret: str) -> None:
    """Writes a password down under that name."""
    path = settings.home / "secrets" / name
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(path, secret + "\n")


def write_private(path: Path, text: str) -> None:
    """Writes a file that nobody but its owner may read; whole or not at all."""
    draft = path.with_name(path.name + ".draft")
    draft.unlink(missing_ok=True)
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    draft.replace(path)
