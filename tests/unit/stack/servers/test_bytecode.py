"""Programs that may write no compiled modules find them compiled."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from riverline.settings import Settings
from riverline_stack.servers import bytecode


def test_each_module_is_there() -> None:
    code = f"import {', '.join(bytecode.IMPORTED)}"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's programs have accounts")
def test_they_are_compiled_once_for_each_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, runs, code = Settings().placed(tmp_path), [], [0]
    monkeypatch.setattr(sys, "prefix", str(tmp_path))  # the virtualenv, which has what was compiled
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")  # of the shell that `make up` runs in

    def run(command: list[str], env: Mapping[str, str], **_: Any) -> subprocess.CompletedProcess[str]:
        assert "PYTHONDONTWRITEBYTECODE" not in env
        runs.append(command)
        return subprocess.CompletedProcess(command, code[0])

    monkeypatch.setattr(subprocess, "run", run)
    code[0] = 1
    bytecode.install(settings, print)
    code[0] = 0
    for _ in range(2):
        bytecode.install(settings, print)
    assert len(runs) == 2
    monkeypatch.setattr(bytecode, "code_version", lambda *_: "another")
    bytecode.install(settings, print)
    assert len(runs) == 3
