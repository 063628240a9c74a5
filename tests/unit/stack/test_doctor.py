"""The doctor names what is missing, and what mends it."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from riverline.settings import Settings
from riverline_stack import doctor, packages
from riverline_stack.doctor import Finding


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings().placed(tmp_path)


def test_a_taken_port_is_named_with_the_process_that_has_it(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        (finding,) = doctor.ports(settings, [address])
    assert not finding.well
    assert f"{address} is held by process {os.getpid()}" in finding.said


def test_free_ports_are_well(settings: Settings) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    assert [finding.well for finding in doctor.ports(settings, [address])] == [True]


def test_too_little_memory_is_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "_limits", lambda: [4 << 30])
    assert not doctor.memory().well


def test_too_little_disk_is_a_problem_that_names_the_place(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor, "DISK", 1 << 60)
    assert str(settings.home) in doctor.disk(settings)[0].mend


def test_a_missing_package_is_named_with_its_purpose_and_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "missing", lambda: [packages.Package("maven", "mvn", "fetches jars")])
    (finding,) = doctor.package_findings()
    assert "fetches jars" in finding.said and "apt-get install maven" in finding.mend


def test_semantic_search_without_its_packages_is_a_problem(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = settings.model_copy(update={"search": settings.search.model_copy(update={"semantic": True})})
    monkeypatch.setattr(doctor, "SEMANTIC", ("json", "no_such_module"))
    assert doctor.semantic(settings) == []
    (finding,) = doctor.semantic(asked)
    assert (finding.said, finding.mend) == ("missing: no_such_module", "make up SEMANTIC=1")
    monkeypatch.setattr(doctor, "SEMANTIC", ("json",))
    assert [one.well for one in doctor.semantic(asked)] == [True]


def test_problems_are_all_said_at_once() -> None:
    findings = [
        Finding("a", False, "is wrong", "mend a"),
        Finding("b", True, "well"),
        Finding("c", False, "too", "mend c"),
    ]
    assert doctor.problems(findings) == "a: is wrong. mend a\nc: too. mend c"


def test_every_package_of_the_list_has_a_program_or_none_and_a_purpose() -> None:
    listed = packages.listed()
    assert {"mariadb-server-core", "redis-server", "openjdk-17-jdk-headless"} <= {package.name for package in listed}
    assert all(package.purpose for package in listed)
