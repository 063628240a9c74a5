"""`home/env`: what a shell needs for `sparse` and `riverline` to speak with this stack. `source` it."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from riverline.settings import Settings
from riverline_stack import files
from riverline_stack.release.topology import tool_environment, tool_path

HEAD = "# Written by `riverline stack up`: source it in a shell, then sparse list, sparse submit and sparse kill work."


def path(settings: Settings) -> Path:
    return settings.home / "env"


def write(settings: Settings) -> None:
    folders = [*map(str, tool_path(settings)), str(Path(sys.executable).parent)]
    variables = settings.environment() | tool_environment(settings)
    lines = [f"export {name}={shlex.quote(value)}" for name, value in variables.items() if value]
    text = "\n".join([HEAD, *lines, f'export PATH={shlex.quote(":".join(folders))}:"$PATH"', ""])
    files.write(path(settings), text, 0o600)
