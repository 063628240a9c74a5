"""The wheel holds every program and what it reads, so that it runs outside of a checkout."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

from riverline.settings import ROOT

PACKAGES = {"riverline", "bolts", "spouts"} | {
    f"riverline_{name}" for name in ("api", "commands", "crawler", "monitor", "stack", "storm_ui", "tasks")
}
READ = (
    *(f"{package}/py.typed" for package in sorted(PACKAGES)),
    "riverline/search/analysis/synonyms.txt",
    "riverline/adapters/redis/lua/timeline.lua",
    "riverline/adapters/mysql/migrations/versions/0001_first_tables.py",
    "riverline_api/web/templates/layout.html",
    "riverline_api/web/translations/ko.toml",
    "riverline_api/web/static/site.css",
    "riverline_monitor/rules.toml",
    "riverline_stack/packages.txt",
    "riverline_stack/servers/storm/cluster.xml",
)


def test_it_runs_by_itself(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as file:
        names = file.namelist()
        file.extractall(tmp_path / "site")
    assert {name.partition("/")[0] for name in names if not name.startswith("riverline-")} == PACKAGES
    assert [name for name in READ if name not in names] == []
    code = "import sys; sys.path.insert(0, sys.argv.pop()); from riverline_commands.main import main; main()"
    command = [sys.executable, "-c", code, "--version", str(tmp_path / "site")]
    shown = subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, text=True)
    assert shown.stdout == f"riverline {wheel.name.split('-')[1]}\n"
