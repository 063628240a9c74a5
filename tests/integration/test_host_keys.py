"""streamparse over SSH: a host is worked on only if its key is known."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from riverline.settings import ROOT
from tests.support import sshd

SECONDS = 300  # for streamparse to be imported and to ask, also by a worker that gives way to all others

pytestmark = pytest.mark.skipif(not sshd.installed(), reason="there is no sshd (Debian: openssh-server)")

# As `sparse update_virtualenv -e prod` does before its first command on a host.
ASK = """
import sys
from fabric.api import env, execute, run
from streamparse.util import activate_env, get_topology_from_file
get_topology_from_file("topologies/content.py")
activate_env("prod")
env.user, env.abort_on_prompts = sys.argv[2], True
execute(lambda: run("echo worked on"), hosts=[sys.argv[1]])
"""


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[sshd.Host]:
    with sshd.running(tmp_path_factory.mktemp("host"), []) as host:
        yield host


def said(host: sshd.Host) -> str:
    command = [sys.executable, "-c", ASK, host.address, host.user]
    environment = {**os.environ, **host.environment, "PYTHONPATH": str(ROOT / "src"), "PYTHONWARNINGS": "ignore"}
    run = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=SECONDS)
    return run.stdout + run.stderr


@pytest.fixture
def known(host: sshd.Host) -> Iterator[Path]:
    """The operator's file of known hosts, which is as before afterwards."""
    file = Path(host.environment["HOME"]) / ".ssh" / "known_hosts"
    before = file.read_text()
    yield file
    file.write_text(before)


def test_a_host_with_the_known_key_is_worked_on(host: sshd.Host) -> None:
    assert "out: worked on" in said(host)


def test_an_unknown_host_is_refused(host: sshd.Host, known: Path) -> None:
    known.write_text("")
    told = said(host)
    assert "not found in known_hosts" in told and "out: worked on" not in told
    known.unlink()
    assert "out: worked on" not in said(host)


def test_a_host_with_another_key_is_refused(host: sshd.Host, known: Path, tmp_path: Path) -> None:
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "other", "-f", str(tmp_path / "key")]
    subprocess.run(command, check=True, capture_output=True)
    known.write_text(f"[127.0.0.1]:{host.port} {(tmp_path / 'key.pub').read_text()}")
    told = said(host)
    assert "did not match" in told and "out: worked on" not in told
