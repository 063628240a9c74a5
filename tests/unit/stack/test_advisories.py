"""No answer of the registry is no all-clear."""

from __future__ import annotations

from stack.advisories import read

CLEAN = {"name": "flask", "version": "3.1", "vulns": []}
SKIPPED = {"name": "mine", "skip_reason": "Dependency not found on PyPI and could not be audited: mine (1)"}
ILL = {"name": "old", "version": "1.0", "vulns": [{"id": "PYSEC-1", "fix_versions": ["1.1"], "aliases": []}]}


def test_packages_without_a_known_vulnerability_are_clear() -> None:
    found = read({"dependencies": [CLEAN]})
    assert (found.code, found.asked, found.unasked) == (0, 1, ())


def test_a_package_that_could_not_be_asked_about_is_no_all_clear() -> None:
    found = read({"dependencies": [CLEAN, SKIPPED]})
    assert (found.code, found.asked, found.unasked) == (2, 1, ("mine",))
    assert "not audited" in found.sentence()


def test_a_vulnerability_is_told_with_what_mends_it() -> None:
    found = read({"dependencies": [SKIPPED, ILL]})
    assert (found.code, found.known) == (1, ("old 1.0: PYSEC-1, mended in 1.1",))
