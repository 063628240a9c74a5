"""`make audit`: whether an advisory names a locked package. A missing answer is not an all-clear, and is reported.

The registry's advisories are asked through pip-audit; or, without a network, a file is read: OSV's database of PyPI,
a zip of one JSON document an advisory (the format of https://ossf.github.io/osv-schema/).

The exit code is 1 when a package is known to be vulnerable, else 0: also where nothing could be asked.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.version import InvalidVersion, Version

from riverline.settings import ROOT

LOCKS = ("requirements.lock", "requirements-semantic.lock", "virtualenvs/content.txt")
LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.MULTILINE)
LONGEST_REASON = 200  # characters of why nothing could be asked


@dataclass(frozen=True)
class Audit:
    """`known`: vulnerabilities, each as package, version, advisory and what mends it; `unasked`: packages."""

    asked: int
    known: tuple[str, ...]
    unasked: tuple[str, ...]
    why: str = "the registry gives no advisories for them"

    @property
    def code(self) -> int:
        return 1 if self.known else 0

    def sentence(self) -> str:
        """What came out, in words."""
        said = f"{self.asked} packages checked, {len(self.known)} known vulnerabilities"
        return f"{said}; {len(self.unasked)} NOT checked, since {self.why}" if self.unasked else said


def locked(text: str) -> list[tuple[str, str]]:
    """The packages of a lock with their versions."""
    return LOCKED.findall(text)


def read(report: Mapping[str, Any]) -> Audit:
    """From pip-audit's report in JSON."""
    packages = report["dependencies"]
    unasked = tuple(package["name"] for package in packages if "skip_reason" in package)
    known = tuple(
        f"{package['name']} {package['version']}: {found['id']}, fixed in {', '.join(found['fix_versions']) or 'none'}"
        for package in packages
        for found in package.get("vulns", [])
    )
    return Audit(len(packages) - len(unasked), known, unasked)


def asked(lock: Path) -> Audit:
    """By the registry. Where it does not answer at all, every package is unasked."""
    command = [str(Path(sys.executable).with_name("pip-audit")), "--disable-pip", "--require-hashes", "--format=json"]
    run = subprocess.run([*command, "--progress-spinner=off", "-r", str(lock)], capture_output=True, text=True)
    if run.stdout:
        return read(json.loads(run.stdout))
    names = tuple(name for name, _ in locked(lock.read_text()))
    said = run.stderr.strip().splitlines() or ["pip-audit said nothing"]
    return Audit(0, (), names, f"the registry does not answer ({said[-1][:LONGEST_REASON]})")


def looked_up(lock: Path, advisories: Iterable[Mapping[str, Any]]) -> Audit:
    """By the advisories of a file."""
    packages = {_normal(name): (name, version) for name, version in locked(lock.read_text())}
    known: dict[str, set[str]] = defaultdict(set)
    for advisory in advisories:
        for affected in advisory.get("affected", ()) if "withdrawn" not in advisory else ():
            name, version = packages.get(_normal(affected.get("package", {}).get("name", "")), ("", ""))
            if name and affected["package"].get("ecosystem") == "PyPI" and is_affected(version, affected):
                known[f"{name} {version}: {advisory['id']}"] |= _fixes(affected)
    told = (f"{what}, fixed in {', '.join(sorted(fixes)) or 'none'}" for what, fixes in sorted(known.items()))
    return Audit(len(packages), tuple(told), ())


def is_affected(version: str, affected: Mapping[str, Any]) -> bool:
    """Whether a version is listed, or lies in one of the ranges."""
    if version in affected.get("versions", ()):
        return True
    ranges = [one for one in affected.get("ranges", ()) if one["type"] == "ECOSYSTEM"]
    return any(_lies_in(Version(version), one["events"]) for one in ranges)


def _lies_in(version: Version, events: Iterable[Mapping[str, str]]) -> bool:
    inside = False
    for event in events:
        (kind, at), *_ = event.items()
        try:
            bound = Version("0.dev0" if at == "0" else at)
        except InvalidVersion:
            continue
        if kind == "introduced" and version >= bound:
            inside = True
        elif (kind == "fixed" and version >= bound) or (kind == "last_affected" and version > bound):
            inside = False
    return inside


def _fixes(affected: Mapping[str, Any]) -> set[str]:
    events = (event for one in affected.get("ranges", ()) if one["type"] == "ECOSYSTEM" for event in one["events"])
    return {event["fixed"] for event in events if "fixed" in event}


def advisories_of(database: Path) -> Iterator[Mapping[str, Any]]:
    """All of a zip, one JSON document each."""
    with zipfile.ZipFile(database) as file:
        yield from (json.loads(file.read(name)) for name in file.namelist() if name.endswith(".json"))


def _normal(name: str) -> str:
    """As PEP 503 compares names."""
    return re.sub(r"[-_.]+", "-", name).lower()


def main(database: str = "") -> int:
    advisories = list(advisories_of(Path(database))) if database else []
    found = {name: looked_up(ROOT / name, advisories) if database else asked(ROOT / name) for name in LOCKS}
    print("; ".join(f"{name}: {one.sentence()}" for name, one in found.items()))
    for line in dict.fromkeys(line for one in found.values() for line in one.known):
        print(f"  {line}")
    return max(one.code for one in found.values())


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:2]))
