"""What a server with TLS shows, and with what it checks others.

A host has one certificate, made at the first start and renewed in time, which all of its servers show: each has a copy
in a folder of its own, for its own account. Where servers are on several hosts, the files are put there before anything
starts, as their passwords are, without the authority's key.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from urllib.parse import urlsplit

from riverline.errors import Fatal
from riverline.secret_files import AUTHORITY_FILE, SECRETS
from riverline.setting_sections import secret_in
from riverline.settings import Settings
from riverline_stack.servers.addresses import host_of, is_here, is_on_loopback
from riverline_stack.servers.credentials import write_private

KEY_FILE, HOST_FILE = "tls-authority.key", "tls-host.pem"
VALID = timedelta()


@dataclass(frozen=True)
class Identity:
    """`own` has key and certificate, `authority` the certificate of who signed it. `version` changes with either."""

    own: Path
    authority: Path
    version: str


def shown_by(settings: Settings, folder: Path, address: str) -> Identity | None:
    """`files_in` the folder of the server at that address; None where the stack's servers speak no TLS, and of servers
    of other hosts."""
    return files_in(settings, folder) if settings.stack.tls and is_here(settings, address) else None


def files_in(settings: Settings, folder: Path) -> Identity:
    """The files for a server with that folder; made and renewed where this host has the authority's key.

    Raises Fatal with what to do.
    """
    ensure(settings)
    texts = [(settings.home / SECRETS / name).read_text() for name in (HOST_FILE, AUTHORITY_FILE)]
    folder.mkdir(parents=True, exist_ok=True)
    own, authority = folder / "tls.pem", folder / AUTHORITY_FILE
    write_private(own, texts[0])
    write_private(authority, texts[1])
    return Identity(own, authority, hashlib.sha256("".join(texts).encode()).hexdigest()[:16])


def ensure(settings: Settings) -> None:
    """The authority and this host's certificate are there, and not about to end. Raises Fatal with what to do."""
    from riverline_stack.servers import certificates  # it takes long to import

    folder = settings.home / SECRETS
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with _alone(folder):
        authority = _authority(settings, folder, certificates)
        own, key = secret_in(folder / HOST_FILE), secret_in(folder / KEY_FILE)
        lack = certificates.lack(own, authority, _asked_for(settings)) if own else "is missing"
        if lack or not certificates.lasts(own):
            if key:
                write_private(folder / HOST_FILE, certificates.issued(authority, key, names_of(settings)))
            elif lack or not certificates.lasts(own, VALID):
                why = lack or "has ended"
                raise Fatal(f"{folder / HOST_FILE} {why}: put there what the authority of all hosts signed")


def names_of(settings: Settings) -> list[str]:
    """What clients may call this host's servers: names and addresses."""
    names = {"localhost", "127.0.0.1", socket.gethostname(), *_asked_for(settings)}
    return sorted(name for name in names if name.isascii())


def _asked_for(settings: Settings) -> list[str]:
    """What the settings call them."""
    named = [urlsplit(url).netloc for url in settings.elasticsearch.urls]
    named += [*settings.kafka.bootstrap, *settings.redis.nodes, settings.celery.broker]
    named += [settings.mysql.primary, *settings.mysql.replicas]
    return [host_of(address) for address in named if is_here(settings, address)]


def _authority(settings: Settings, folder: Path, certificates: ModuleType) -> str:
    """The authority's certificate; made where all servers are on this host."""
    path, key = folder / AUTHORITY_FILE, folder / KEY_FILE
    if path.exists() and certificates.lasts(path.read_text(), certificates.RENEWED if key.exists() else VALID):
        return path.read_text()
    if settings.stack.host and not is_on_loopback(settings.mysql.primary, *settings.redis.nodes):
        raise Fatal(f"{path} is missing or has ended: all hosts must have the same, so put it there")
    made, signs = certificates.new_authority()
    write_private(key, signs)
    write_private(path, made)
    return str(made)


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """Programs of several accounts start at once, as units of systemd: one of them makes what is missing."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)
