"""The guide is built from the pages as they are, and a stack comes up without it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from riverline.settings import Settings
from riverline_stack.servers import guide


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> tuple[Settings, list[str]]:
    """A home with a guide, and what was said while it was built."""
    settings, said = Settings(home=tmp_path_factory.mktemp("home")), []
    guide.install(settings, said.append)
    return settings, said


def test_every_page_is_built_without_a_warning(built: tuple[Settings, list[str]]) -> None:
    settings, said = built
    assert said == ["building the guide"]
    pages = {path.relative_to(guide.folder(settings)) for path in guide.folder(settings).rglob("index.html")}
    assert {Path("index.html"), Path("how-to/recover/index.html"), Path("adr/0017-messagepack/index.html")} <= pages


def test_pages_load_nothing_from_elsewhere(built: tuple[Settings, list[str]]) -> None:
    loaded = re.compile(
        r"<(?:script|img|link(?= [^>]*rel=\"?(?:stylesheet|icon)))[^>]*(?:src|href)=\"?(https?:[^\" >]+)"
    )
    found = {path.name: loaded.findall(path.read_text()) for path in guide.folder(built[0]).rglob("*.html")}
    assert {name: addresses for name, addresses in found.items() if addresses} == {}


def test_it_is_not_built_again_while_nothing_has_changed(built: tuple[Settings, list[str]]) -> None:
    said: list[str] = []
    guide.install(built[0], said.append)
    assert said == []


def test_a_stack_without_mkdocs_says_so_and_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    said: list[str] = []
    guide.install(Settings(home=tmp_path), said.append)
    assert said == ["the guide is not built, since MkDocs is not installed"]
    assert not guide.folder(Settings(home=tmp_path)).exists()


def test_the_last_guide_stays_when_a_page_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings, said = Settings(home=tmp_path), []
    guide.folder(settings).mkdir()
    monkeypatch.setattr(guide, "build", lambda _: "a dead link")
    guide.install(settings, said.append)
    assert said[-1] == "the guide is not built: a dead link"
    assert guide.folder(settings).exists()
