"""How well and how fast pages are parsed and tagged, against trafilatura alone in the same run.

    python -m bench.extraction [--archive DIR] [--half even|odd] [--only]

The archive is a folder with manifest.json: pages with their URL, file (gzip), publication date, and texts that the main
text must and must not contain. The scores:

- wanted: the share of texts that must be there and are; unwanted left out: of those that must not, and are not.
- dates: the share of pages whose date of publication, in the offset that the page gives, is the manifest's day.
- language: of the pages that declare one in `<html lang>`, the share with the declared language, or with another where
  the text's own function words refute the declaration; "as declared" counts the first alone.

Time is CPU time of this process, from bytes to document; imports and the first page are not in it.
"""

import argparse
import gzip
import json
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from riverline.errors import Invalid
from riverline.model import Page
from riverline.text.keyphrases import STOPLISTS
from riverline.text.parse import parse
from riverline.text.tag import tag

FETCHED = 1_760_000_000_000  # all pages of the archive are older
LANG = re.compile(rb"""<html[^>]{0,500}?\slang\s*=\s*["']?([A-Za-z]{2})""", re.I)
WORD = re.compile(r"[^\W\d_]+")
MORE_STOPLISTS = {"bn": "Bengali", "la": "Latin"}


@dataclass(frozen=True)
class Sample:
    """One page of the archive and what is known of it."""

    page: Page
    date: str
    wanted: list[str]
    unwanted: list[str]

    @property
    def declared(self) -> str:
        """The language that the `html` element names."""
        match = LANG.search(self.page.body[:20_000])
        return match[1].decode().lower() if match else ""


@dataclass(frozen=True)
class Outcome:
    """What an extractor made of a page; "" for what it does not tell."""

    text: str = ""
    date: str = ""
    language: str = ""


def read(archive: Path) -> list[Sample]:
    """The archive's pages, bodies as the crawler would deliver them."""
    rows = json.loads((archive / "manifest.json").read_text("utf-8"))
    return [sample(archive, row) for row in rows]


def sample(archive: Path, row: dict) -> Sample:
    body = gzip.decompress((archive / row["file"]).read_bytes())
    page = Page(row["url"], row["url"], body, content_type="text/html", fetched_at=FETCHED)
    return Sample(page, row["date"] or "", row["with"] or [], row["without"] or [])


def ours(page: Page) -> Outcome:
    try:
        parsed = parse(page)
        document = tag(parsed, page, FETCHED)
    except Invalid:
        return Outcome()
    return Outcome(document.body, parsed.published[:10], document.locale.partition("-")[0])


def trafilatura(fast: bool) -> Callable[[Page], Outcome]:
    """trafilatura's text alone, without dates, links and language."""
    from trafilatura import extract

    def extracted(page: Page) -> Outcome:
        return Outcome(extract(page.body, fast=fast, include_comments=False, include_tables=True) or "")

    return extracted


def measured(samples: list[Sample], extractor: Callable[[Page], Outcome]) -> tuple[list[Outcome], float]:
    """The outcomes, and pages per CPU second."""
    extractor(samples[0].page)
    start = time.process_time()
    outcomes = [extractor(sample.page) for sample in samples]
    return outcomes, len(samples) / (time.process_time() - start)


def scores(samples: list[Sample], outcomes: list[Outcome]) -> dict[str, float]:
    """Each score by its name, from 0 to 1; those that an extractor has nothing for are left out."""
    pairs = list(zip(samples, outcomes, strict=True))
    declared = [(sample, outcome) for sample, outcome in pairs if sample.declared]
    found = {
        "wanted": share([text in outcome.text for sample, outcome in pairs for text in sample.wanted]),
        "unwanted left out": share([text not in outcome.text for sample, outcome in pairs for text in sample.unwanted]),
    }
    if any(outcome.date for outcome in outcomes):
        found["dates"] = share([sample.date == outcome.date for sample, outcome in pairs if sample.date])
        found["language"] = share([right_language(sample, outcome) for sample, outcome in declared])
        found["as declared"] = share([sample.declared == outcome.language for sample, outcome in declared])
    return found


def share(hits: list[bool]) -> float:
    return sum(hits) / len(hits) if hits else float("nan")


def right_language(sample: Sample, outcome: Outcome) -> bool:
    """Whether the language is the declared one, or the text's own function words refute the declaration.

    A template's `lang="en"` around a German article is no truth: of the two languages the one is right whose stop words
    (jusText's lists) the text holds more of. That judgement is made without the model that found the language.
    """
    if sample.declared == outcome.language:
        return True
    words = Counter(WORD.findall(outcome.text.casefold()))
    ours, theirs = (sum(words[word] for word in stop_words(code)) for code in (outcome.language, sample.declared))
    return ours > theirs


def stop_words(language: str) -> frozenset[str]:
    from justext import get_stoplist

    name = (STOPLISTS | MORE_STOPLISTS).get(language)
    return get_stoplist(name) if name else frozenset()


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--archive", type=Path, default=Path(os.environ.get("RIVERLINE_ARCHIVE", "archive")))
    arguments.add_argument("--half", choices=("even", "odd"), help="every second page: tune on one, judge on the other")
    arguments.add_argument("--only", action="store_true", help="without trafilatura")
    asked = arguments.parse_args()
    if not (asked.archive / "manifest.json").exists():
        print(f"There is no archive in {asked.archive}: give its folder with --archive.", file=sys.stderr)
        return 1
    samples = read(asked.archive)[asked.half == "odd" :: 2 if asked.half else 1]
    runs = {"riverline, parse and tag": ours}
    if not asked.only:
        runs |= {"trafilatura, fast": trafilatura(True), "trafilatura, default": trafilatura(False)}
    segments = sum(bool(sample.wanted) for sample in samples)
    print(f"{len(samples)} pages, {segments} with texts, {sum(bool(sample.date) for sample in samples)} with a date")
    for name, extractor in runs.items():
        outcomes, speed = measured(samples, extractor)
        found = "  ".join(f"{label} {value:.3f}" for label, value in scores(samples, outcomes).items())
        print(f"{name:25} {found}  {speed:.1f} pages per CPU second", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
