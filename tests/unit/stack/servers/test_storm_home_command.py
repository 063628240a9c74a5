"""The `storm` command, as streamparse calls it."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from riverline_stack.servers.storm_home import SOURCES

FLUX = "org.apache.storm.flux.Flux"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """A home with the jars' names, and a `java` that prints its arguments, a line each."""
    for jar in ("lib/storm-core-2.8.3.jar", "lib-flux/flux-core-2.8.3.jar", "bin/java"):
        (tmp_path / jar).parent.mkdir()
        (tmp_path / jar).touch()
    (tmp_path / "bin" / "java").write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
    (tmp_path / "bin" / "java").chmod(0o755)
    return {"STORM_HOME": str(tmp_path), "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"}


def storm(environment: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(SOURCES / "storm"), *arguments], env=environment, capture_output=True, text=True)


def test_the_version_is_that_of_the_jars(environment: dict[str, str]) -> None:
    assert storm(environment, "version").stdout == "Storm 2.8.3\n"


def test_a_flux_file_runs_in_a_local_cluster(environment: dict[str, str]) -> None:
    call = ("jar", "topology.jar", FLUX, "--local", "--no-splash", "--sleep", "30", "file.yaml")
    lines = storm(environment, *call).stdout.splitlines()
    assert lines[-4:] == ["org.apache.storm.LocalCluster", FLUX, "--no-splash", "file.yaml"]
    assert "-Dstorm.local.sleeptime=30" in lines


def test_without_a_limit_it_sleeps_no_longer_than_storm_can_count(environment: dict[str, str]) -> None:
    call = ("jar", "topology.jar", FLUX, "--local", "--sleep", "9223372036854775807", "file.yaml")
    assert "-Dstorm.local.sleeptime=315360000" in storm(environment, *call).stdout.splitlines()


def test_flux_is_on_the_class_path(environment: dict[str, str]) -> None:
    lines = storm(environment, "jar", "topology.jar", FLUX, "file.yaml").stdout.splitlines()
    assert lines[lines.index("-cp") + 1].endswith("/lib-flux/flux-core-2.8.3.jar")


def test_anything_else_is_refused(environment: dict[str, str]) -> None:
    assert storm(environment, "kill", "content").returncode == 2
