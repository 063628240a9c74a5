"""Renews the vendored JavaScript: `python -m riverline_api.web.vendor FOLDER...`, or `make vendor` for all folders.

A folder's `packages.json` names packages with their versions, the files to take from each, under which name they are
kept, and their SHA-256; `edit` replaces a text, where a module would need a build to find another one. npm fetches the
packages from wherever it is configured to. Another version: change it in `packages.json` and run the command. With
`--check` nothing is fetched: the files must be those that `packages.json` describes.
"""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path
from typing import Any

import orjson

LIST = "packages.json"


def renew(folder: Path) -> None:
    """Writes the files of a folder anew, and their digests. Raises CalledProcessError when npm fails."""
    packages = listed(folder)
    for package in packages:
        for name, content in _fetched(package).items():
            kept = package["files"][name]
            for old, new in kept.get("edit", {}).items():
                content = content.replace(old.encode(), new.encode())
            (folder / kept["as"]).write_bytes(content)
            kept["sha256"] = _digest(content)
    (folder / LIST).write_bytes(orjson.dumps(packages, option=orjson.OPT_INDENT_2) + b"\n")


def changed(folder: Path) -> list[str]:
    """The files that are not those that the list describes, and those that it does not name."""
    wanted = {kept["as"]: kept["sha256"] for package in listed(folder) for kept in package["files"].values()}
    there = {path.name: _digest(path.read_bytes()) for path in folder.iterdir() if path.name != LIST}
    return sorted(name for name in wanted.keys() | there.keys() if wanted.get(name) != there.get(name))


def listed(folder: Path) -> list[dict[str, Any]]:
    """What stands in the list of a folder."""
    packages: list[dict[str, Any]] = orjson.loads((folder / LIST).read_bytes())
    return packages


def _fetched(package: dict[str, Any]) -> dict[str, bytes]:
    wanted = f"{package['package']}@{package['version']}"
    with tempfile.TemporaryDirectory() as place:
        command = ["npm", "pack", "--silent", "--pack-destination", place, wanted]
        subprocess.run(command, check=True, capture_output=True, cwd=place)
        [archive] = Path(place).glob("*.tgz")
        with tarfile.open(archive) as files:
            return {name: _member(files, f"package/{name}") for name in package["files"]}


def _member(files: tarfile.TarFile, name: str) -> bytes:
    found = files.extractfile(name)
    if found is None:
        raise FileNotFoundError(name)
    return found.read()


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def main(arguments: list[str]) -> int:
    """0, or 1 when a checked file is another one."""
    folders = [Path(one) for one in arguments if one != "--check"]
    if "--check" in arguments:
        wrong = [str(folder / name) for folder in folders for name in changed(folder)]
        print("\n".join(wrong) or "all files are as described")
        return 1 if wrong else 0
    for folder in folders:
        renew(folder)
        print(f"{folder}: {len(listed(folder))} packages")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
