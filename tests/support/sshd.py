"""An sshd of the test's own on loopback: its own keys, port and folder; nothing of the system's is read or changed.

The user is the one who runs the tests, but with a home of its own: what is provisioned over it stays below a folder
that goes away with the test.
"""

from __future__ import annotations

import getpass
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from riverline_stack.servers.storm_cluster import SYSTEM_PATH
from riverline_stack.supervision.program import listening
from tests.support.stack import until

SSHD = "/usr/sbin/sshd"
# Where packages come from and are kept is the machine's business; the worker's account learns it here.
PASSED_ON = ("PIP_", "UV_", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "XDG_CACHE_HOME")


@dataclass(frozen=True)
class Host:
    """A host that lets its user in by key. Who comes needs `environment` and, first on the path, `programs`."""

    user: str
    port: int
    home: Path
    environment: dict[str, str]
    programs: Path

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"


def installed() -> bool:
    return Path(SSHD).exists()


@contextmanager
def running(folder: Path, programs: list[Path]) -> Iterator[Host]:
    """A host whose user finds `programs`' folders on its path."""
    home, port = folder / "user", _free_port()
    home.mkdir(parents=True)
    for name in ("host", "user"):
        command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(folder / f"{name}-key")]
        subprocess.run(command, check=True, capture_output=True)
    (home / ".profile").write_text(_profile(programs))
    configuration, log = folder / "sshd_config", folder / "sshd.log"
    configuration.write_text(_server(folder, home, port))
    privileges = Path("/run/sshd")  # as root sshd wants this folder, which the package's service makes at its start
    made = os.geteuid() == 0 and not privileges.exists()
    if made:
        privileges.mkdir(mode=0o755)
    process = subprocess.Popen([SSHD, "-D", "-f", str(configuration), "-E", str(log)])
    try:
        assert until(lambda: _listens(port), 20), log.read_text()
        yield Host(getpass.getuser(), port, home, _client(folder, port), folder / "bin")
    finally:
        process.terminate()
        process.wait(timeout=20)
        if made:
            privileges.rmdir()


def _server(folder: Path, home: Path, port: int) -> str:
    return f"""Port {port}
ListenAddress 127.0.0.1
HostKey {folder}/host-key
PidFile {folder}/sshd.pid
AuthorizedKeysFile {folder}/user-key.pub
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM {"yes" if os.geteuid() == 0 else "no"}
StrictModes no
PermitRootLogin prohibit-password
SetEnv HOME={home}
Subsystem sftp internal-sftp
"""


def _client(folder: Path, port: int) -> dict[str, str]:
    """OpenSSH's client reads the home of the account, paramiko that of the environment: both find the same file."""
    home, programs = folder / "client", folder / "bin"
    (home / ".ssh").mkdir(parents=True)
    programs.mkdir()
    configuration = home / ".ssh" / "config"
    configuration.write_text(
        f"Host *\n    IdentityFile {folder}/user-key\n    IdentitiesOnly yes\n    Port {port}\n"
        f"    UserKnownHostsFile {home}/.ssh/known_hosts\n    StrictHostKeyChecking yes\n    BatchMode yes\n"
    )
    (home / ".ssh" / "known_hosts").write_text(f"[127.0.0.1]:{port} {(folder / 'host-key.pub').read_text()}")
    wrapper = programs / "ssh"
    wrapper.write_text(f'#!/bin/sh\nexec {shutil.which("ssh")} -F "{configuration}" "$@"\n')
    wrapper.chmod(0o755)
    return {"HOME": str(home)}


def _profile(programs: list[Path]) -> str:
    passed_on = {name: value for name, value in os.environ.items() if name.startswith(PASSED_ON)}
    passed_on.setdefault("PIP_CACHE_DIR", str(Path.home() / ".cache" / "pip"))
    lines = [f"export {name}='{value}'" for name, value in passed_on.items()]
    return "\n".join([*lines, f"export PATH={':'.join(map(str, programs))}:{SYSTEM_PATH}", ""])


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _listens(port: int) -> bool:
    from riverline_stack.supervision.lifecycle import reason

    return reason(listening(f"127.0.0.1:{port}")) is None
