"""The system's packages: which the stack needs, and which are missing. `ops/riverline_stack/bootstrap.sh` installs by
this list."""

from __future__ import annotations

import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).with_name("packages.txt")
SYSTEM_FOLDERS = "/usr/local/sbin:/usr/sbin:/sbin"


@dataclass(frozen=True)
class Package:
    """A package, a program of it that proves it is there (empty: none does), and what it is for."""

    name: str
    program: str
    purpose: str


def listed() -> list[Package]:
    lines = [line for line in LIST.read_text().splitlines() if line and not line.startswith("#")]
    return [
        Package(name, program.strip("-"), purpose) for name, program, purpose in (line.split(None, 2) for line in lines)
    ]


def missing() -> list[Package]:
    """Packages whose program is not there; those without a program, as dpkg says where there is one."""
    path = f"{os.environ.get('PATH', '')}:{SYSTEM_FOLDERS}"
    unproven = [package for package in listed() if not (package.program and shutil.which(package.program, path=path))]
    installed = _installed([package.name for package in unproven])
    return [package for package in unproven if package.name not in installed]


def _installed(names: list[str]) -> set[str]:
    """Which of the packages dpkg has installed; none where there is no dpkg."""
    if not names or not shutil.which("dpkg-query"):
        return set()
    command = ["dpkg-query", "--show", "--showformat=${Package} ${db:Status-Status}\n", *names]
    lines = subprocess.run(command, capture_output=True, text=True).stdout.splitlines()
    return {line.split()[0] for line in lines if line.endswith(" installed")}
