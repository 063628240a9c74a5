"""How good are the results? nDCG@10 of this engine and of plain BM25 by each single analyser, in one run.

    python -m bench.relevance COLLECTION [--json]
    python -m bench.relevance --all FOLDER

COLLECTION is a folder as `bench/judged.py` reads it. Its documents become articles with a title and a body, in an index
of their own, and are searched through the same analysis and the same queries as every document. The baseline is the
analyser that answers this collection best. `--all` takes every collection below FOLDER and writes the section of
bench/RESULTS.md.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench import relevance_report, single_analysers
from bench.judged import Answers, Collection
from bench.metrics import DEPTH, compared, measured
from bench.relevance_report import Row
from riverline.adapters.elasticsearch import ElasticIndex
from riverline.adapters.elasticsearch.connection import ElasticsearchConnection
from riverline.adapters.elasticsearch.lexicon import Lexicon
from riverline.model import Document
from riverline.search import mappings
from riverline.search.contracts import Outcome
from riverline.search.query import Query
from riverline.settings import Settings

NOW = 1_760_000_000_000
BATCH = 500  # documents of one bulk
OURS = "bench-relevance"


def article(name: str, doc: dict[str, Any]) -> Document:
    """A document of a collection as a crawled article. Without a digest: what repeats a text is judged on its own."""
    title = doc.get("title") or ""
    return Document(f"https://bench.example/{name}", "bench.example", title, "", doc["text"], "article", crawled_at=NOW)


def ours(settings: Settings, collection: Collection) -> Answers:
    """The answers of this engine."""
    index = ElasticIndex(settings.elasticsearch, OURS, Lexicon(settings.search))
    single_analysers.drop(index.connection, mappings.first_version(OURS))
    index.ensure_schema()
    documents = [article(name, doc) for name, doc in collection.docs.items()]
    for start in range(0, len(documents), BATCH):
        written = index.write(documents[start : start + BATCH], [])
        if any(one.outcome is not Outcome.WRITTEN for one in written):
            raise SystemExit(f"not all documents were taken: {written}")
    index.refresh()
    answers = {name: _found(index, text) for name, text in collection.queries.items()}
    single_analysers.drop(index.connection, mappings.first_version(OURS))
    index.close()
    return answers


def _found(index: ElasticIndex, text: str) -> list[str]:
    results = index.search(Query(text, limit=DEPTH, facets=False), NOW)
    return [hit.url.removeprefix("https://bench.example/") for hit in results.hits]


def row(settings: Settings, name: str, collection: Collection) -> Row:
    """What one collection shows."""
    mine = ours(settings, collection)
    theirs = single_analysers.answers(ElasticsearchConnection(settings.elasticsearch), collection)
    measures = {one: measured(answers, collection.judged) for one, answers in theirs.items()}
    best = max(measures, key=lambda one: measures[one].ndcg)
    difference = compared(mine, theirs[best], collection.judged)
    return Row(name, len(collection.docs), measured(mine, collection.judged), measures, best, difference)


def folders(below: Path) -> Sequence[Path]:
    """The collections of a folder, by name."""
    return sorted(path.parent for path in below.rglob("qrels.jsonl"))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("collection", type=Path, nargs="*")
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every collection below it; writes bench/RESULTS.md")
    parser.add_argument("--json", action="store_true", help="one line of JSON a collection instead of a table")
    options = parser.parse_args()
    settings = Settings.load()
    named = [*options.collection, *(folders(options.all) if options.all else ())]
    if not named:
        parser.error("name a collection, or a folder of them with --all")
    rows = []
    for folder in named:
        rows.append(row(settings, folder.name, Collection.read(folder)))
        print(json.dumps(asdict(rows[-1])) if options.json else relevance_report.line(rows[-1]), flush=True)
    if options.all:
        relevance_report.write(rows, f"python -m bench.relevance --all {options.all.name}")
    elif not options.json:
        print(relevance_report.summary(rows))


if __name__ == "__main__":
    main()
