"""The vendored JavaScript is what its lists say."""

from pathlib import Path

import pytest

from riverline_api.web.vendor import changed, listed

ROOT = Path(__file__).parents[3]
FOLDERS = [ROOT / "api/riverline_api/web/static/vendor", ROOT / "tests/browser/vendor"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.parent.name)
def test_every_file_is_the_one_that_was_listed(folder):
    assert changed(folder) == []


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: path.parent.name)
def test_every_package_comes_with_its_licence(folder):
    for package in listed(folder):
        assert package["licence"]
        assert any("LICENSE" in name for name in package["files"]), package["package"]


def test_a_changed_file_is_noticed(tmp_path):
    (tmp_path / "packages.json").write_text('[{"files": {"a.js": {"as": "a.js", "sha256": "0"}}}]')
    (tmp_path / "a.js").write_text("changed")
    (tmp_path / "other.js").write_text("not listed")
    assert changed(tmp_path) == ["a.js", "other.js"]
