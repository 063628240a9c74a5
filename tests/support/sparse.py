"""`sparse` as an operator runs it after `source .riverline/env`, in the folder of the topology's project."""

from __future__ import annotations

import subprocess
from collections.abc import Sequence
from pathlib import Path

from riverline.settings import Settings
from stack.supervise import base_environment
from stack.topology import folder, tool_environment, tool_path


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
        timeout=300,
    )
