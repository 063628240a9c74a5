"""How good are the results? nDCG@10 of this engine and of plain BM25 by each single analyser, in one run.

    python -m bench.relevance COLLECTION [--json] [--semantic]
    python -m bench.relevance --all FOLDER [--semantic]

COLLECTION is a folder as `bench/judged.py` reads it. Its documents become articles with a title and a body, in an index
of their own, and are searched through the same analysis and the same queries as every document. The baseline is the
analyser that answers this collection best. `--all` takes every collection below FOLDER and writes the section of
bench/RESULTS.md. `--semantic` answers once more with the first results ordered by meaning, in a section of its own.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from bench import relevance_report, semantic_report, single_analysers
from bench.found_vectors import FoundVectors, KeptEmbeddings
from bench.judged import Answers, Collection
from bench.metrics import DEPTH, compared, measured
from bench.relevance_report import Row
from riverline.adapters.elasticsearch import ElasticIndex
from riverline.adapters.elasticsearch.connection import ElasticsearchConnection
from riverline.adapters.elasticsearch.lexicon import Lexicon
from riverline.model import Document
from riverline.parsing.fingerprint import url_id
from riverline.search import mappings
from riverline.search.contracts import Outcome
from riverline.search.query import Query
from riverline.search.semantic.contracts import Embeddings
from riverline.search.semantic.reordering import Reordering
from riverline.settings import Settings

NOW = 1_760_000_000_000
BATCH = 500  # documents of one bulk
OURS = "bench-relevance"


def article(name: str, doc: dict[str, Any]) -> Document:
    """A document of a collection as a crawled article. Without a digest: what repeats a text is judged on its own."""
    title = doc.get("title") or ""
    return Document(f"https://bench.example/{name}", "bench.example", title, "", doc["text"], "article", crawled_at=NOW)


def ours(settings: Settings, collection: Collection, model: Embeddings | None) -> tuple[Answers, Answers]:
    """The answers of this engine; and, with a model, those ordered anew by what they mean."""
    servers = settings.elasticsearch  # as patient as its settings: what is cut off would count as not found
    index = ElasticIndex(servers, OURS, Lexicon(settings.search), patience=servers.timeout)
    single_analysers.drop(index.connection, mappings.first_version(OURS))
    index.ensure_schema()
    documents = [article(name, doc) for name, doc in collection.docs.items()]
    for start in range(0, len(documents), BATCH):
        written = index.write(documents[start : start + BATCH], [])
        if any(one.outcome is not Outcome.WRITTEN for one in written):
            raise SystemExit(f"not all documents were taken: {written}")
    index.refresh()
    answers = {name: _found(index, text) for name, text in collection.queries.items()}
    reordered = _by_meaning(index, collection, model) if model else {}
    single_analysers.drop(index.connection, mappings.first_version(OURS))
    index.close()
    return answers, reordered


def _by_meaning(index: ElasticIndex, collection: Collection, model: Embeddings) -> Answers:
    texts = {url_id(article(name, doc).url): article(name, doc) for name, doc in collection.docs.items()}
    reordering = Reordering(index, FoundVectors(texts, model), model)
    return {name: _found(reordering, text) for name, text in collection.queries.items()}


def _found(index: ElasticIndex | Reordering, text: str) -> list[str]:
    results = index.search(Query(text, limit=DEPTH, facets=False), NOW)
    return [hit.url.removeprefix("https://bench.example/") for hit in results.hits]


def row(settings: Settings, name: str, collection: Collection, model: Embeddings | None = None) -> Row:
    """What one collection shows."""
    mine, reordered = ours(settings, collection, model)
    theirs = single_analysers.answers(ElasticsearchConnection(settings.elasticsearch), collection)
    measures = {one: measured(answers, collection.judged) for one, answers in theirs.items()}
    best = max(measures, key=lambda one: measures[one].ndcg)
    difference = compared(mine, theirs[best], collection.judged)
    found = Row(name, len(collection.docs), measured(mine, collection.judged), measures, best, difference)
    if not model:
        return found
    moved = compared(reordered, mine, collection.judged)
    return replace(found, semantic=measured(reordered, collection.judged), moved=moved)


def _model() -> Embeddings:
    from riverline.adapters.embeddings.models import load  # its packages are seldom installed

    return KeptEmbeddings(load())


def folders(below: Path) -> Sequence[Path]:
    """The collections of a folder, by name."""
    return sorted(path.parent for path in below.rglob("qrels.jsonl"))


def main() -> None:
    """The command."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("collection", type=Path, nargs="*")
    parser.add_argument("--all", type=Path, metavar="FOLDER", help="every collection below it; writes bench/RESULTS.md")
    parser.add_argument("--json", action="store_true", help="one line of JSON a collection instead of a table")
    parser.add_argument("--semantic", action="store_true", help="with the first results ordered by meaning, too")
    options = parser.parse_args()
    settings = Settings.load()
    named = [*options.collection, *(folders(options.all) if options.all else ())]
    if not named:
        parser.error("name a collection, or a folder of them with --all")
    rows, model = [], _model() if options.semantic else None
    for folder in named:
        rows.append(row(settings, folder.name, Collection.read(folder), model))
        print(json.dumps(asdict(rows[-1])) if options.json else relevance_report.line(rows[-1]), flush=True)
    if options.all:
        relevance_report.write(rows, f"python -m bench.relevance --all {options.all.name}")
        if options.semantic:
            semantic_report.write(rows, f"python -m bench.relevance --all {options.all.name} --semantic")
    elif not options.json:
        print(relevance_report.summary(rows))
        if options.semantic:
            print(semantic_report.summary(rows))


if __name__ == "__main__":
    main()
