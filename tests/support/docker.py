"""The stack of compose.yaml, as tests reach it: from the machine of the engine, at the containers' own addresses."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from riverline.settings import Settings

PROJECT, NETWORK = "riverline-test", "10.93.10"
VARIABLES = {"COMPOSE_PROJECT_NAME": PROJECT, "RIVERLINE_NETWORK": NETWORK, "SITE_PORT": "18080"}


def composed_settings(file: str, home: Path) -> Settings:
    """Those that the containers have, with their passwords in a home of the tests' own."""
    tree = json.loads(compose(file, "config", "--format", "json"))
    told: dict[str, object] = {}
    for name, value in tree["x-settings"]["environment"].items():
        section, _, field = name.removeprefix("RIVERLINE_").lower().partition("__")
        inner = told.setdefault(section, {})
        assert isinstance(inner, dict)
        inner[field] = value
    home.mkdir(parents=True, exist_ok=True)
    compose(file, "cp", "passwords:/var/lib/riverline/secrets", str(home))
    return Settings.model_validate({**told, "home": home})


def compose(file: str, *words: str) -> str:
    command = ["docker", "compose", "--file", file, "--project-name", PROJECT, *words]
    run = subprocess.run(command, env={**os.environ, **VARIABLES}, capture_output=True, text=True)
    assert run.returncode == 0, (run.stdout + run.stderr)[-3000:]
    return run.stdout
