"""The documentation: each page is found from its index, each link leads somewhere, and prose is easy to edit."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from riverline.settings import ROOT

DOCS = ROOT / "docs"
INDEX = DOCS / "index.md"
PAGES = sorted(DOCS.rglob("*.md"))
OTHERS = [ROOT / name for name in ("README.md", "README.ko.md", "CONTRIBUTING.md", "bench/RESULTS.md")]
LONGEST_LINE = 100
WRITTEN_WHILE_RUNNING = ("artefacts/", ".riverline/", "target/")
CORE = ROOT / "src" / "riverline"
BASES = (ROOT, ROOT / "src", CORE, CORE / "parsing")
SOURCES = ("api", "bench", "crawler", "demo", "jvm", "ops", "programs", "src", "tests", "topologies")


def prose(text: str) -> str:
    """Without blocks of code, where a link is none and a line may be as long as it has to be."""
    return re.sub(r"^    .*$", "", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M), flags=re.M)


def links(page: Path) -> list[str]:
    found = re.findall(r"\]\(([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", prose(page.read_text())))
    return [link for link in found if not re.match(r"https?:", link)]


def anchors(page: Path) -> set[str]:
    """As Python-Markdown makes them of headings."""
    headings = re.findall(r"^#+ (.+)$", prose(page.read_text()), re.M)
    plain = [re.sub(r"[`*]", "", heading) for heading in headings]
    return {re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", one).strip().lower()) for one in plain}


def leads_somewhere(page: Path, link: str) -> bool:
    target, _, anchor = link.partition("#")
    path = (page.parent / target).resolve() if target else page
    return path.exists() and (not anchor or anchor in anchors(path))


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", [*PAGES, *OTHERS], ids=name)
def test_every_link_leads_to_a_page_and_a_heading(page: Path) -> None:
    assert [link for link in links(page) if not leads_somewhere(page, link)] == []


def test_the_index_links_every_page() -> None:
    linked = {(DOCS / link.partition("#")[0]).resolve() for link in links(INDEX)}
    assert [name(page) for page in PAGES if page != INDEX and page not in linked] == []


@pytest.mark.parametrize("page", [*PAGES, *OTHERS], ids=name)
def test_prose_is_wrapped(page: Path) -> None:
    lines = [line for line in prose(page.read_text()).splitlines() if not line.startswith(("|", "#"))]
    assert [line for line in lines if len(line) > LONGEST_LINE and " " in line.strip()] == []


@pytest.mark.parametrize("page", [*PAGES, *OTHERS], ids=name)
def test_every_file_that_is_named_is_there(page: Path) -> None:
    """`tests/unit` and `adapters/mysql/database.py` are; what has a variable part is not looked for."""
    named = re.findall(r"`([\w.-]+/[\w./-]+\.(?:py|md|toml|txt|json|conf|java|sh|target))`", page.read_text())
    asked = [path for path in named if not path.startswith(WRITTEN_WHILE_RUNNING)]
    assert [path for path in asked if not any((base / path).exists() for base in BASES)] == []


@pytest.fixture(scope="module")
def modules() -> set[str]:
    """The names of all files of code."""
    return {path.name for folder in SOURCES for path in (ROOT / folder).rglob("*.*")}


@pytest.mark.parametrize("page", [*PAGES, *OTHERS], ids=name)
def test_every_module_that_is_named_without_its_folder_is_there(page: Path, modules: set[str]) -> None:
    named = re.findall(r"`([a-z_]+\.(?:py|lua|java))`", page.read_text())
    assert [one for one in named if one not in modules] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_folder_of_tests_that_is_named_is_there(page: Path) -> None:
    named = re.findall(r"\b(tests/[\w/]+)(?![\w/.*])", page.read_text())
    assert [path for path in named if not (ROOT / path).is_dir()] == []
