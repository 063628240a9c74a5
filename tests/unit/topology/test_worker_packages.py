"""A Storm worker has the packages of its own lock and no others: what it may import at any time stands there."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

from riverline.settings import ROOT

SOURCES = ROOT / "src"
LOCK = ROOT / "virtualenvs" / "content.txt"
STARTS = ("bolts", "spouts")
# services.py names them; no bolt and no spout asks for what is behind them.
NEVER = (
    "riverline.adapters.embeddings",
    "riverline.adapters.mysql",
    "riverline.search.spelling.shared_dictionary",
)


def file_of(module: str) -> Path | None:
    path = SOURCES.joinpath(*module.split("."))
    return next((each for each in (path.with_suffix(".py"), path / "__init__.py") if each.exists()), None)


def imported(node: ast.AST) -> Iterator[str]:
    """All modules that are imported, also within functions; not those that types alone need."""
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test):
            continue
        if isinstance(child, ast.Import):
            yield from (alias.name for alias in child.names)
        elif isinstance(child, ast.ImportFrom) and child.module:
            yield child.module
            yield from (f"{child.module}.{alias.name}" for alias in child.names)
        else:
            yield from imported(child)


def third_party() -> dict[str, str]:
    """By imported name, one of the modules that import it."""
    waiting = [f"{start}.{path.stem}" for start in STARTS for path in (SOURCES / start).glob("*.py")]
    seen: set[Path] = set()
    found: dict[str, str] = {}
    while waiting:
        module = waiting.pop()
        path = file_of(module)
        if path is None or path in seen or module.startswith(NEVER):
            continue
        seen.add(path)
        for name in imported(ast.parse(path.read_text())):
            top = name.partition(".")[0]
            if (SOURCES / top).exists():
                waiting.append(name)
            elif top not in sys.stdlib_module_names:
                found[top] = module
    return found


def test_a_worker_has_every_package_that_it_may_import() -> None:
    locked = set(re.findall(r"^([a-z0-9-]+)==", LOCK.read_text(), re.MULTILINE))
    packages = packages_distributions()
    found = third_party()
    assert len(found) > 20
    lacking = {
        name: module
        for name, module in found.items()
        if not locked & {each.lower().replace("_", "-").replace(".", "-") for each in packages[name]}
    }
    assert lacking == {}
