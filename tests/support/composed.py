"""Fixtures of the stack of compose.yaml, on a Docker engine: pytest-docker builds, starts and removes it.

Where no engine answers and root runs the tests, Debian's is started, and ends with them. An engine without the base
image gets one from a debootstrap folder.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from riverline.settings import Settings
from riverline_stack.supervision.compose import FILE
from tests.support.docker import PROJECT, VARIABLES, compose, composed_settings
from tests.support.hosts import MIRROR, SUITE, TRUST
from tests.support.stack import until

BASE = "debian:bookworm-slim"
ENGINE_SECONDS, STOP_SECONDS = 60, 60


def lacking() -> str:
    """What this machine lacks for containers, in words; nothing where it has all."""
    if not os.environ.get("CONTAINERS"):
        return "make containers runs it: it takes a quarter of an hour"
    if not shutil.which("docker") or subprocess.run(["docker", "compose", "version"], capture_output=True).returncode:
        return "there is no docker with compose"
    if _answers() or (os.geteuid() == 0 and shutil.which("dockerd")):
        return ""
    return "no Docker engine answers, and none can be started: that needs root, and dockerd (apt-get install docker.io)"


def _answers() -> bool:
    return subprocess.run(["docker", "info"], capture_output=True).returncode == 0


@contextmanager
def engine() -> Iterator[None]:
    """One that answers. One that was started for this keeps its images in the cache, and is gone afterwards."""
    if _answers():
        yield
        return
    folder = Settings().stack.cache / "docker"
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="riverline-docker-") as scratch:
        places = [f"--data-root={folder}", f"--exec-root={scratch}/exec", f"--pidfile={scratch}/pid"]
        with (folder / "dockerd.log").open("wb") as log:
            process = subprocess.Popen(["dockerd", *places], stdin=subprocess.DEVNULL, stdout=log, stderr=log)
            try:
                assert until(_answers, ENGINE_SECONDS), (folder / "dockerd.log").read_text()[-2000:]
                yield
            finally:
                process.terminate()
                process.wait(STOP_SECONDS)


def make_base() -> None:
    """The image that others are built on, where the engine has none and nothing can be pulled."""
    if subprocess.run(["docker", "image", "inspect", BASE], capture_output=True).returncode == 0:
        return
    if subprocess.run(["docker", "pull", "--quiet", BASE], capture_output=True).returncode == 0:
        return
    with tempfile.TemporaryDirectory(prefix="riverline-base-") as scratch:
        root = Path(scratch) / "root"
        words = ["debootstrap", "--variant=minbase", "--include=ca-certificates,ca-certificates-java", SUITE]
        subprocess.run([*words, str(root), MIRROR], check=True, capture_output=True)
        for name in TRUST[:2]:
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(Path("/") / name, root / name)
        with subprocess.Popen(["tar", "-C", str(root), "-c", "."], stdout=subprocess.PIPE) as packed:
            subprocess.run(["docker", "import", "-", BASE], stdin=packed.stdout, check=True, capture_output=True)


@pytest.fixture(scope="session")
def docker_compose_file() -> str:
    return str(FILE)


@pytest.fixture(scope="session")
def docker_compose_project_name() -> str:
    return PROJECT


@pytest.fixture(scope="session")
def docker_setup(docker_compose_file: str) -> Iterator[list[str]]:
    """pytest-docker's own commands read the variables from the environment."""
    with engine(), pytest.MonkeyPatch.context() as patch:
        make_base()
        compose(docker_compose_file, "build")
        for name, value in VARIABLES.items():
            patch.setenv(name, value)
        yield ["up --detach --wait --wait-timeout 900"]


@pytest.fixture(scope="session")
def composed(docker_services: object, docker_compose_file: str, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """The settings with which this machine reaches the containers."""
    return composed_settings(docker_compose_file, tmp_path_factory.mktemp("containers") / "home")
