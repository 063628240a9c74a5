"""Collections: documents, queries, and what of the documents answers which query, as three files of a folder.

docs.jsonl {"id", "title", "text"}, queries.jsonl {"id", "text"}, qrels.jsonl {"query", "doc", "grade"}.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

Answers = dict[str, list[str]]  # by query: ids of documents, the best first


@dataclass(frozen=True)
class Collection:
    """Documents, queries, and what of the documents answers which query."""

    docs: dict[str, dict[str, Any]]
    queries: dict[str, str]
    judged: dict[str, dict[str, int]]

    @classmethod
    def read(cls, folder: Path) -> Collection:
        """From its three files."""
        judged: dict[str, dict[str, int]] = {}
        for row in _rows(folder / "qrels.jsonl"):
            judged.setdefault(str(row["query"]), {})[str(row["doc"])] = int(row["grade"])
        return cls(
            {str(row["id"]): row for row in _rows(folder / "docs.jsonl")},
            {str(row["id"]): row["text"] for row in _rows(folder / "queries.jsonl")},
            judged,
        )

    def write(self, folder: Path) -> None:
        """Its three files, as `read` reads them."""
        folder.mkdir(parents=True, exist_ok=True)
        queries = ({"id": name, "text": text} for name, text in self.queries.items())
        grades = ((name, doc, grade) for name, docs in self.judged.items() for doc, grade in docs.items())
        _write_rows(folder / "docs.jsonl", self.docs.values())
        _write_rows(folder / "queries.jsonl", queries)
        _write_rows(folder / "qrels.jsonl", (dict(zip(("query", "doc", "grade"), row, strict=True)) for row in grades))


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as lines:
        yield from (orjson.loads(line) for line in lines if line.strip())


def _write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    path.write_bytes(b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows))
