from __future__ import annotations

from pathlib import Path

import pytest

from riverline_stack.servers.storm_home import distribution, home_folder, transport_jar


def test_without_storm_home_the_home_is_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STORM_HOME", raising=False)
    assert home_folder(tmp_path).parent == tmp_path


@pytest.mark.parametrize("mark", ["lib-webapp/x", "bin/storm"])
def test_an_official_distribution_is_used(mark: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / mark).parent.mkdir()
    (tmp_path / mark).touch()
    monkeypatch.setenv("STORM_HOME", str(tmp_path))
    assert distribution() == tmp_path


def test_a_home_that_the_stack_put_together_is_no_distribution(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib-worker").mkdir()
    monkeypatch.setenv("STORM_HOME", str(tmp_path))
    assert distribution() is None


def test_another_storm_gets_transports_compiled_for_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("STORM_HOME", raising=False)
    own = transport_jar(tmp_path)
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib-webapp").mkdir()
    monkeypatch.setenv("STORM_HOME", str(tmp_path))
    assert transport_jar(tmp_path) != own
