"""One name means one thing: no two public classes of the product share one."""

from __future__ import annotations

import ast
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
