"""The virtualenv of Storm's workers: third-party packages only, since an installed riverline would shadow the jar's."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from riverline.errors import Fatal
from riverline.settings import ROOT, Settings
from riverline_stack.servers.cache import held

LOCK = ROOT / "virtualenvs" / "content.txt"


def folder(settings: Settings) -> Path:
    """One for each lock and Python, in the cache: a new home, or another checkout, has it at once."""
    made_from = LOCK.read_bytes() + f"{sys.version} {sys.base_prefix}".encode()
    return settings.stack.cache / "virtualenvs" / hashlib.sha256(made_from).hexdigest()[:16]


def sources(settings: Settings) -> tuple[Path, ...]:
    """What the programs run from: the checkout, Python with its packages, and what was downloaded."""
    return ROOT, Path(sys.prefix), Path(sys.base_prefix), settings.stack.cache


def passwords(settings: Settings) -> tuple[Path, ...]:
    """The password files of the servers that all log in to, and that of whom to trust where they speak TLS."""
    sections = (settings.elasticsearch, settings.kafka, settings.redis)
    files = (*(section.password_file for section in sections), settings.tls.ca_file)
    return tuple(file for file in files if file)


def install(settings: Settings, say: Callable[[str], None]) -> None:
    """Makes it as the lock says; does nothing where it is there. Raises Fatal with uv's words."""
    target = folder(settings)
    with held(target.parent):
        if (stamp := target / ".installed").exists():
            return
        say("installing the Storm workers' Python packages")
        _uv("venv", "--quiet", "--clear", "--python", sys.executable, str(target))
        # Compiled here: who runs them may not write there.
        options = ("--quiet", "--compile-bytecode", "--require-hashes", "--python", str(target / "bin" / "python"))
        _uv("pip", "sync", *options, str(LOCK))
        stamp.touch()


def _uv(*arguments: str) -> None:
    uv = Path(sys.executable).parent / "uv"
    environment = {**os.environ, "UV_SYSTEM_CERTS": "true"}  # as pip: the certificates that this system trusts
    run = subprocess.run([str(uv), *arguments], capture_output=True, text=True, env=environment)
    if run.returncode != 0:
        raise Fatal(f"uv {arguments[0]} failed: {run.stderr.strip()[-1500:]}")
