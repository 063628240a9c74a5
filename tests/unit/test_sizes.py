"""Files and functions stay small enough to be read at once."""

from __future__ import annotations

import ast
from pathlib import Path

from riverline.settings import ROOT

PARTS = ("src", "api", "crawler", "programs", "ops", "topologies")
LONGEST_FILE, LONGEST_FUNCTION = 333, 50  # lines
FILES = sorted(path for part in PARTS for path in (ROOT / part).rglob("*.py"))


def functions(path: Path) -> list[tuple[str, int]]:
    """The names of a file's functions, and their lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    found = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [(node.name, (node.end_lineno or 0) - node.lineno + 1) for node in found]


def test_no_file_is_longer_than_a_reader_keeps_in_mind() -> None:
    lines = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in FILES}
    assert len(lines) > 400
    assert {path: count for path, count in lines.items() if count > LONGEST_FILE} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        (str(path.relative_to(ROOT)), *one) for path in FILES for one in functions(path) if one[1] > LONGEST_FUNCTION
    ]
    assert long == []
