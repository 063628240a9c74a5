"""`sparse` as an operator runs it after `source .riverline/env`, in the folder of the topology's project."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from riverline.settings import Settings
from riverline_stack.release.topology import folder, tool_environment, tool_path
from riverline_stack.supervision.supervise import base_environment


def sparse(
    settings: Settings,
    *arguments: str,
    project: Path | None = None,
    environment: dict[str, str] | None = None,
    programs: Sequence[Path] = (),
) -> subprocess.CompletedProcess[str]:
    """What it said. `project` is the folder with config.json: by default that of the stack itself. `programs` are
    folders that come first on its path."""
    variables = base_environment(settings) | tool_environment(settings) | (environment or {})
    path = ":".join([*map(str, (*programs, *tool_path(settings))), variables["PATH"]])
    return subprocess.run(
        ["sparse", *arguments],
        cwd=project or folder(settings) / "project",
        env=variables | {"PATH": path},
        capture_output=True,
        text=True,
        timeout=900,  # provisioning fetches some fifty packages
    )


def cells(text: str) -> list[str]:
    """The cells of the tables in `text`, each in one piece: narrow columns fold what stands in them."""
    found: list[str] = []
    row: list[str] = []
    for line in text.splitlines():
        if line.startswith("|"):
            parts = [part.strip() for part in line.strip("|").split("|")]
            row = [before + part for before, part in zip(row, parts, strict=True)] if row else parts
        else:
            found += row
            row = []
    return found
