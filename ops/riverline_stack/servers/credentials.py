"""Passwords that the stack generates, one per file, readable only by its user."""

from __future__ import annotations

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path

from riverline.secret_files import SECRETS
from riverline.setting_sections import secret_in
from riverline.settings import Guarded, Settings
from riverline_stack.files import write
from riverline_stack.servers.addresses import is_on_loopback

OTHERS = 0o027  # rights in a file's mode that nobody is to have: a group's to write, and all others'


def credential(settings: Settings, name: str) -> str:
    """The password of that name; made at first use."""
    return _made(settings.home / SECRETS / name)


def password_of(server: Guarded, *addresses: str) -> str:
    """The password of a server at these addresses, from the file that the settings name.

    It is made at first use where the server is of this machine. Of servers on several hosts all must have the same: the
    operator puts it there; until then it is empty, and the server requires none.
    """
    if server.password_file is not None and is_on_loopback(*addresses):
        return _made(server.password_file)
    return server.password


def digest_of(secret: str) -> str:
    """What a server keeps in place of a secret: its SHA-256, hexadecimal. Secrets of 24 random bytes need no salt."""
    return hashlib.sha256(secret.encode()).hexdigest()


def keep(settings: Settings, name: str, secret: str) -> None:
    """Writes a password down under that name. A file that says so already stays, with the group that may read it."""
    path = settings.home / SECRETS / name
    if secret_in(path) != secret or path.stat().st_mode & OTHERS:
        _keep(path, secret)


def _made(path: Path) -> str:
    """What the file says. Of several that make it at once, as units of systemd do at their first start, one does."""
    if not path.exists():
        draft = path.with_name(f"{path.name}.{secrets.token_hex(4)}.made")
        _keep(draft, secrets.token_urlsafe(24))
        with suppress(FileExistsError):
            os.link(draft, path)
        draft.unlink()
    return path.read_text().strip()


def _keep(path: Path, secret: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    write_private(path, secret + "\n")


def write_private(path: Path, text: str) -> None:
    """Writes a file that nobody but its owner may read; whole or not at all."""
    write(path, text, 0o600)
