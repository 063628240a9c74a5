"""A deployment of ops/ansible to hosts of the tests, and the settings with which a client reaches it."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml
from ansible.filter_plugins.placement import API_PORT, riverline_settings

from riverline.settings import ROOT, Settings
from tests.support.hosts import GATE, Host

ANSIBLE = ROOT / "ops" / "ansible"
SECONDS = 2400  # for a deployment


@dataclass(frozen=True)
class Played:
    """What a run of the playbook said, and how long it took."""

    said: str
    seconds: float
    failed: bool

    @property
    def changes(self) -> int:
        """How many tasks changed something, over all hosts."""
        recap = self.said.rpartition("PLAY RECAP")[2]
        return sum(int(word.partition("=")[2]) for word in recap.split() if word.startswith("changed="))

    @property
    def table(self) -> list[str]:
        """The lines of the table of what is healthy."""
        lines = (line.strip().strip('",') for line in self.said.splitlines())
        return [line for line in lines if " healthy " in line]


class Deployment:
    """An example's programs, on as many hosts; `tls`: their servers speak TLS alone."""

    def __init__(self, example: str, hosts: Sequence[Host], folder: Path, key: Path, tls: bool) -> None:
        self.hosts, self.folder, self.tls = list(hosts), folder, tls
        tree = yaml.safe_load((ANSIBLE / "examples" / example / "hosts.yml").read_text())
        listed = tree["all"]["hosts"]
        for host, told in zip(self.hosts, listed.values(), strict=True):
            told["ansible_host"] = host.address
        self.placement = {told["ansible_host"]: told["programs"] for told in listed.values()}
        known = "-o UserKnownHostsFile=/dev/null -o StrictHostKeyChecking=no -o LogLevel=ERROR"
        clients = ",".join([*self.placement, GATE])
        tree["all"]["vars"] |= {
            "ansible_ssh_private_key_file": str(key),
            "ansible_ssh_common_args": known,
            "version": _as_it_stands(),
            "tls": tls,
        }
        tree["all"]["vars"]["extra_settings"] |= {
            "RIVERLINE_MYSQL__CLIENTS": clients,
            "RIVERLINE_ACCOUNTS__PER_HOUR": "0",  # all the people of the tests are at one address
        }
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "hosts.yml").write_text(yaml.safe_dump(tree, sort_keys=False))

    @property
    def sites(self) -> list[str]:
        """The addresses of all API servers."""
        return [f"{host}:{API_PORT}" for host, programs in self.placement.items() if "api" in programs]

    def play(self, version: str = "") -> Played:
        """Runs the playbook; `version`: of another commit than the sources as they stand."""
        more = ["--extra-vars", f"version={version}"] if version else []
        began = time.monotonic()
        run = subprocess.run(
            [str(ANSIBLE / "deploy.sh"), str(self.folder), *more],
            env={**os.environ, "ANSIBLE_NOCOLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
        )
        return Played(run.stdout, time.monotonic() - began, run.returncode != 0)

    def settings(self, home: Path) -> Settings:
        """Those of a client on this machine, with the passwords of the first host in a home of its own."""
        secrets = home / "secrets"
        secrets.mkdir(parents=True, exist_ok=True)
        first = self.hosts[0].root / "var" / "lib" / "riverline" / "secrets"
        for file in first.iterdir():
            (secrets / file.name).write_text(file.read_text())
        told: dict[str, object] = {"home": home, "stack": {"tls": self.tls}}
        for name, value in riverline_settings(self.placement, self.hosts[0].address).items():
            section, _, field = name.removeprefix("RIVERLINE_").lower().partition("__")
            inner = told.setdefault(section, {})
            assert isinstance(inner, dict)
            inner[field] = value
        return Settings.model_validate(told)


def _as_it_stands() -> str:
    """The commit of the sources with what is not committed yet."""
    return _git("stash", "create") or "HEAD"


def another_commit() -> str:
    """A commit that nobody has, of the sources as they stand."""
    return _git("commit-tree", f"{_as_it_stands()}^{{tree}}", "-m", "the same, rolled out")


def _git(*words: str) -> str:
    return subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()
