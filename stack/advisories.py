"""`make audit`: whether the registry's advisories name a package that is locked. No answer is no all-clear.

The exit code is 0 when every package was asked about and none is known to be vulnerable, 1 when one is, 2 when the
registry did not answer for all of them.
"""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from riverline.settings import ROOT

LOCKS = ("requirements.lock", "virtualenvs/content.txt")


@dataclass(frozen=True)
class Audit:
    """`known`: vulnerabilities, each as package, version, advisory and what mends it; `unasked`: packages."""

    asked: int
    known: tuple[str, ...]
    unasked: tuple[str, ...]

    @property
    def code(self) -> int:
        return 1 if self.known else 2 if self.unasked else 0

    def sentence(self) -> str:
        """What came out, in words."""
        parts = [f"{self.asked} packages were asked about, {len(self.known)} vulnerabilities are known."]
        if self.unasked:
            parts.append(f"For {len(self.unasked)} the registry gave no advisories: they are not audited.")
        return " ".join(parts)


def read(report: dict[str, Any]) -> Audit:
    """From pip-audit's report in JSON."""
    packages = report["dependencies"]
    unasked = tuple(package["name"] for package in packages if "skip_reason" in package)
    known = tuple(
        f"{package['name']} {package['version']}: {found['id']}, mended in {', '.join(found['fix_versions']) or 'none'}"
        for package in packages
        for found in package.get("vulns", [])
    )
    return Audit(len(packages) - len(unasked), known, unasked)


def audit(lock: Path) -> Audit:
    """Asks about every package of the lock. Raises OSError when pip-audit says nothing."""
    command = [str(Path(sys.executable).with_name("pip-audit")), "--disable-pip", "--require-hashes", "--format=json"]
    run = subprocess.run([*command, "--progress-spinner=off", "-r", str(lock)], capture_output=True, text=True)
    if not run.stdout:
        raise OSError(f"pip-audit said nothing about {lock}: {run.stderr.strip()[-500:]}")
    return read(json.loads(run.stdout))


def main() -> int:
    codes = []
    for name in LOCKS:
        found = audit(ROOT / name)
        print(f"{name}: {found.sentence()}", *found.known, sep="\n  ")
        codes.append(found.code)
    return 1 if 1 in codes else max(codes)


if __name__ == "__main__":
    sys.exit(main())
