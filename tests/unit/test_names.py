"""One name means one thing: no two public classes of the product share one."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path

from riverline.settings import ROOT

TWINS = "src/riverline/testing"
PARTS = ("src", "api", "crawler", "programs", "ops", "topologies")


def public_classes(path: Path) -> list[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node.name for node in tree.body if isinstance(node, ast.ClassDef) and not node.name.startswith("_")]


def test_no_two_classes_share_a_name() -> None:
    found: dict[str, list[str]] = defaultdict(list)
    for part in PARTS:
        for path in set((ROOT / part).rglob("*.py")) - set((ROOT / TWINS).rglob("*.py")):
            for name in public_classes(path):
                found[name].append(str(path.relative_to(ROOT)))
    assert len(found) > 300
    assert {name: paths for name, paths in found.items() if len(paths) > 1} == {}


def test_a_contract_that_a_docstring_names_is_there() -> None:
    core = ROOT / "src" / "riverline"
    named = {
        (path, module, name)
        for path in core.rglob("*.py")
        for module, name in re.findall(r"`([a-z_.]*\bcontracts)\.([A-Z]\w+)`", path.read_text(encoding="utf-8"))
    }
    assert len(named) > 8
    there = {module: public_classes(core / f"{module.replace('.', '/')}.py") for _, module, _ in named}
    assert {(str(path), name) for path, module, name in named if name not in there[module]} == set()
