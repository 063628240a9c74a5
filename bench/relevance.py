"""How good are the results? nDCG@10, MRR and recall@10 of this engine and of plain BM25, side by side in one run.

    python -m bench.relevance COLLECTION [--analyser en|ko|std|cjk] [--json]

COLLECTION is a folder with docs.jsonl {"id", "title", "text"}, queries.jsonl {"id", "text"} and qrels.jsonl {"query",
"doc", "grade"}. Its documents become articles with a title and a body, in an index of their own, and are searched
through the same analysis and the same queries as every document. Plain BM25 is one text field (k1 1.2, b 0.75) read by
one analyser: ko where most documents hold Hangul, else en.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import orjson

from bench.metrics import DEPTH, compared, measured
from riverline.errors import NotFound
from riverline.model import Document
from riverline.search import mappings
from riverline.search.analysis import ANALYSERS, analysis
from riverline.search.query import Query
from riverline.search.scripts import has_hangul
from riverline.settings import Settings
from riverline.stores.contracts import Outcome
from riverline.stores.elastic import ElasticIndex
from riverline.stores.elastic.connection import Connection
from riverline.stores.lexicon import Lexicon

NOW = 1_760_000_000_000
BATCH = 500  # documents of one bulk
OURS, PLAIN = "bench-relevance", "bench-relevance-plain"

Answers = dict[str, list[str]]


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

    def analyser(self) -> str:
        """The one that fits most documents."""
        korean = sum(has_hangul(f"{doc.get('title', '')} {doc['text']}") for doc in self.docs.values())
        return "ko" if korean * 2 > len(self.docs) else "en"


def _rows(path: Path) -> Iterator[dict[str, Any]]:
    with path.open("rb") as lines:
        yield from (orjson.loads(line) for line in lines if line.strip())


def _write_rows(path: Path, rows: Iterable[dict[str, Any]]) -> None:
    path.write_bytes(b"".join(orjson.dumps(row, option=orjson.OPT_APPEND_NEWLINE) for row in rows))


def article(name: str, doc: dict[str, Any]) -> Document:
    """A document of a collection as a crawled article. Without a digest: what repeats a text is judged on its own."""
    title = doc.get("title") or ""
    return Document(f"https://bench.example/{name}", "bench.example", title, "", doc["text"], "article", crawled_at=NOW)


def ours(settings: Settings, collection: Collection, keep: bool = False) -> Answers:
    """The answers of this engine."""
    index = ElasticIndex(settings.elasticsearch, OURS, Lexicon(settings.search))
    if not keep:
        _drop(index.connection, mappings.first_version(OURS))
        index.ensure_schema()
        documents = [article(name, doc) for name, doc in collection.docs.items()]
        for start in range(0, len(documents), BATCH):
            written = index.write(documents[start : start + BATCH], [])
            if any(one.outcome is not Outcome.WRITTEN for one in written):
                raise SystemExit(f"not all documents were taken: {written}")
        index.refresh()
    return {name: _found(index, text) for name, text in collection.queries.items()}


def _found(index: ElasticIndex, text: str) -> list[str]:
    results = index.search(Query(text, limit=DEPTH, facets=False), NOW)
    return [hit.url.removeprefix("https://bench.example/") for hit in results.hits]


def plain(settings: Settings, collection: Collection, analyser: str) -> Answers:
    """The answers of BM25 over one field."""
    connection = Connection(settings.elasticsearch)
    _drop(connection, PLAIN)
    field = {"type": "text", "analyzer": analyser}
    index = {"number_of_shards": 1, "number_of_replicas": 0, "analysis": analysis()}
    connection.call("PUT", f"/{PLAIN}", {"settings": {"index": index}, "mappings": {"properties": {"text": field}}})
    names = list(collection.docs)
    for start in range(0, len(names), BATCH):
        _write_plain(connection, collection, names[start : start + BATCH])
    connection.call("POST", f"/{PLAIN}/_refresh")
    answers = {name: _found_plain(connection, text) for name, text in collection.queries.items()}
    _drop(connection, PLAIN)
    return answers


def _write_plain(connection: Connection, collection: Collection, names: Sequence[str]) -> None:
    lines = []
    for name in names:
        whole = f"{collection.docs[name].get('title') or ''}\n{collection.docs[name]['text']}"
        lines += [orjson.dumps({"index": {"_index": PLAIN, "_id": name}}), orjson.dumps({"text": whole})]
    connection.call_lines("/_bulk", lines)


def _found_plain(connection: Connection, text: str) -> list[str]:
    body = {"size": DEPTH, "query": {"match": {"text": text}}, "_source": False}
    return [hit["_id"] for hit in connection.call("POST", f"/{PLAIN}/_search", body)["hits"]["hits"]]


def _drop(connection: Connection, name: str) -> None:
    with contextlib.suppress(NotFound):
        connection.call("DELETE", f"/{name}")


def timed(answering: Callable[[], Answers]) -> tuple[Answers, float]:
    """The answers, and the seconds that they took."""
    start = time.perf_counter()
    return answering(), time.perf_counter() - start


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("collection", type=Path)
    parser.add_argument("--analyser", choices=ANALYSERS, help="of plain BM25; by default that of most documents")
    parser.add_argument("--json", action="store_true", help="one line of JSON instead of a table")
    options = parser.parse_args()
    settings, collection = Settings.load(), Collection.read(options.collection)
    analyser = options.analyser or collection.analyser()
    rows = {
        "riverline": timed(lambda: ours(settings, collection)),
        f"plain BM25, {analyser}": timed(lambda: plain(settings, collection, analyser)),
    }
    _drop(Connection(settings.elasticsearch), mappings.first_version(OURS))
    measures = {name: (measured(answers, collection.judged), took) for name, (answers, took) in rows.items()}
    difference = compared(*(answers for answers, _ in rows.values()), collection.judged)
    if options.json:
        told = {name: {**asdict(one), "seconds": took} for name, (one, took) in measures.items()}
        print(json.dumps({**told, "difference": asdict(difference)}))
        return
    print(f"{len(collection.docs)} documents, {len(collection.queries)} queries")
    print(f"{'':20} nDCG@10     MRR  recall@10  seconds")
    for name, (one, took) in measures.items():
        print(f"{name:20} {one.ndcg:7.4f} {one.mrr:7.4f}    {one.recall:7.4f}  {took:7.1f}")
    print(
        f"riverline answers {difference.better} queries better and {difference.worse} worse (nDCG@10); "
        f"a difference as great by chance: p = {difference.chance:.3f}"
    )


if __name__ == "__main__":
    main()
