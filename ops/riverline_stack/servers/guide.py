"""The guide at `/guide`: the pages of docs/ as a site, built by MkDocs whenever one of them has changed."""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from riverline.settings import ROOT, Settings
from riverline_stack.supervision.source_digest import code_version

CONFIGURATION = "mkdocs.yml"
QUIET = {"NO_MKDOCS_2_WARNING": "1"}


def folder(settings: Settings) -> Path:
    return settings.home / "guide"


def version(settings: Settings) -> str:
    """Of the guide that is there; another one is another folder, which who holds the former does not see."""
    stamp = _stamp(settings)
    return stamp.read_text() if stamp.exists() else ""


def _stamp(settings: Settings) -> Path:
    return folder(settings).with_suffix(".version")


def install(settings: Settings, say: Callable[[str], None]) -> None:
    """Builds the guide; does nothing when its pages are unchanged. Nothing needs it: where it cannot be built, that is
    said, the last one stays, and without one `/guide` answers 404."""
    target, wanted = folder(settings), code_version("docs", CONFIGURATION)
    if target.exists() and version(settings) == wanted:
        return
    if importlib.util.find_spec("mkdocs") is None or not (ROOT / CONFIGURATION).exists():
        say("the guide is not built, since MkDocs is not installed")
        return
    say("building the guide")
    made = target.with_suffix(".new")
    if problem := build(made):
        say(f"the guide is not built: {problem}")
        return
    shutil.rmtree(target, ignore_errors=True)
    made.rename(target)
    _stamp(settings).write_text(wanted)


def build(target: Path) -> str:
    """Builds into a folder that every user may read. Returns what went wrong, or nothing."""
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--clean", f"--site-dir={target}"]
    run = subprocess.run(command, cwd=ROOT, env=os.environ | QUIET, capture_output=True, text=True)
    if run.returncode != 0:
        return (run.stderr or run.stdout).strip()[-500:]
    for path in (target, *target.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return ""
