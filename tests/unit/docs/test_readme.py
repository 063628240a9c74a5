"""README.ko.md says what README.md says: the same sections, commands, names and links."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from riverline.settings import ROOT, Settings

ENGLISH, KOREAN = ((ROOT / name).read_text() for name in ("README.md", "README.ko.md"))
EACH_OTHER = {"README.md", "README.ko.md"}


def sections(text: str) -> list[int]:
    """The levels of the headings, in order."""
    return [len(marks) for marks in re.findall(r"^(#+) ", text, re.M)]


def commands(text: str) -> list[str]:
    """The lines of commands without their comments; a picture is not compared."""
    lines = re.findall(r"^    (\S.*)$", re.sub(r"```.*?```", "", text, flags=re.S), re.M)
    return [re.sub(r"\s+# .*", "", line) for line in lines]


def links(text: str) -> Counter[str]:
    """Each shows the pictures in its own language."""
    found = [link.replace(".ko.webp", ".en.webp") for link in re.findall(r"\]\(([^)]+)\)", text)]
    return Counter(link for link in found if link not in EACH_OTHER)


def addresses(text: str) -> Counter[str]:
    return Counter(re.findall(r"http://[\w.:/]+", text))


def names(text: str) -> set[str]:
    return set(re.findall(r"`([^`\n]+)`", re.sub(r"```.*?```|^    .*$", "", text, flags=re.S | re.M)))


@pytest.mark.parametrize("what", [sections, commands, links, addresses, names])
def test_both_readmes_agree(what) -> None:
    """When this fails: say the change in the other language too."""
    assert what(KOREAN) == what(ENGLISH)


def test_a_site_of_ones_own_stands_at_a_port_that_the_stack_leaves_free() -> None:
    """Whoever starts a server there as the page says would find it taken."""
    taken = set(re.findall(r":(\d{4,5})\b", " ".join(Settings.model_construct().environment().values())))
    for name in ("README.md", "docs/tutorial.md"):
        ports = re.findall(r"PRIVATE=127\.0\.0\.1:(\d+)", (ROOT / name).read_text())
        assert len(ports) == 1 and not taken & set(ports), name


def test_both_tutorials_have_the_same_commands() -> None:
    english, korean = ((ROOT / "docs" / name).read_text() for name in ("tutorial.md", "tutorial.ko.md"))
    assert commands(korean) == commands(english) != []


@pytest.mark.parametrize("text", [ENGLISH, KOREAN])
def test_every_link_leads_somewhere(text: str) -> None:
    assert [link for link in links(text) if not link.startswith("http") and not (ROOT / link).exists()] == []


def test_each_readme_names_the_other() -> None:
    assert "(README.ko.md)" in ENGLISH and "(README.md)" in KOREAN


@pytest.mark.parametrize(("text", "language"), [(ENGLISH, "en"), (KOREAN, "ko")])
def test_each_readme_shows_pictures_in_its_language(text: str, language: str) -> None:
    shown = re.findall(r"!\[[^\]]+\]\((docs/assets/\w+\.(\w+)\.webp)\)", text)
    assert [spoken for _, spoken in shown] == [language] * 2
    assert all((ROOT / path).is_file() for path, _ in shown)


@pytest.mark.parametrize("text", [ENGLISH, KOREAN])
def test_a_readme_is_read_at_one_go(text: str) -> None:
    assert len(text.splitlines()) < 80
