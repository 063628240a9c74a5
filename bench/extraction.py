"""How well and how fast pages are parsed and tagged, beside the libraries that do a part of it, in the same run.

    python -m bench.extraction [--archive DIR] [--half even|odd] [--only]

The archive is a folder with manifest.json: pages with their URL, file (gzip), publication date, and texts that the main
text must and must not contain, compared without characters that nobody sees. The scores:

- wanted: the share of texts that must be there and are; unwanted left out: of those that must not, and are not.
- dates: the share of pages whose date of publication, in the offset that the page gives, is the manifest's day.
- language: of the pages that declare one in `<html lang>`, the share with the declared language, or with another where
  the text's own function words refute the declaration; "as declared" counts the first alone.

Time is CPU time of this process, from bytes to document; imports and the first page are not in it. Beside it run
trafilatura and resiliparse for the text alone and htmldate for the date alone; resiliparse only where it is installed:
`uv pip install --group bench`.
"""

import argparse
import gzip
import json
import logging
import os
import re
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from riverline.errors import Invalid
from riverline.model import Page
from riverline.parsing.dates.month_names import month
from riverline.parsing.keyphrases import STOPLISTS
from riverline.parsing.language.normalization import visible
from riverline.parsing.parse import parse
from riverline.parsing.tag import tag

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
    wanted, unwanted = (list(map(visible, row[name] or [])) for name in ("with", "without"))
    return Sample(page, row["date"] or "", wanted, unwanted)


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
        return Outcome(visible(extract(page.body, fast=fast, include_comments=False, include_tables=True) or ""))

    return extracted


def resiliparse(page: Page) -> Outcome:
    """resiliparse's text alone, of its own tree and with its own guess of the charset."""
    from resiliparse.extract.html2text import extract_plain_text
    from resiliparse.parse.encoding import detect_encoding
    from resiliparse.parse.html import HTMLTree

    tree = HTMLTree.parse_from_bytes(page.body, detect_encoding(page.body))
    return Outcome(
        visible(extract_plain_text(tree, main_content=True, alt_texts=False, comments=False, post_meta=False))
    )


def htmldate(extensive: bool) -> Callable[[Page], Outcome]:
    """htmldate's date of publication alone."""
    from htmldate import find_date

    def found(page: Page) -> Outcome:
        try:
            date = find_date(page.body, original_date=True, extensive_search=extensive, url=page.url)
        except (ValueError, TypeError):  # of a page in which it finds no tree
            return Outcome()
        return Outcome(date=date or "")

    return found


def others() -> dict[str, Callable[[Page], Outcome]]:
    """What else is there to compare with."""
    logging.disable(logging.WARNING)
    found = {"trafilatura, fast": trafilatura(True), "trafilatura, default": trafilatura(False)}
    if find_spec("resiliparse"):
        found["resiliparse"] = resiliparse
    else:
        print("resiliparse is not installed: uv pip install --group bench", file=sys.stderr)
    return found | {"htmldate, fast": htmldate(False), "htmldate, extensive": htmldate(True)}


def load() -> None:
    """What a process loads once, whichever page needs it first."""
    import htmldate  # noqa: F401
    import trafilatura  # noqa: F401

    month("Januar")


def measured(samples: list[Sample], extractor: Callable[[Page], Outcome]) -> tuple[list[Outcome], float]:
    """The outcomes, and pages per CPU second."""
    extractor(samples[0].page)
    load()
    start = time.process_time()
    outcomes = [extractor(sample.page) for sample in samples]
    return outcomes, len(samples) / (time.process_time() - start)


def scores(samples: list[Sample], outcomes: list[Outcome]) -> dict[str, float]:
    """Each score by its name, from 0 to 1; those that an extractor has nothing for are left out."""
    pairs = list(zip(samples, outcomes, strict=True))
    declared = [(sample, outcome) for sample, outcome in pairs if sample.declared]
    found = {}
    if any(outcome.text for outcome in outcomes):
        found["wanted"] = share([text in outcome.text for sample, outcome in pairs for text in sample.wanted])
        found["unwanted left out"] = share(
            [text not in outcome.text for sample, outcome in pairs for text in sample.unwanted]
        )
    if any(outcome.date for outcome in outcomes):
        found["dates"] = share([sample.date == outcome.date for sample, outcome in pairs if sample.date])
    if any(outcome.language for outcome in outcomes):
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
    arguments.add_argument("--only", action="store_true", help="without the other libraries")
    asked = arguments.parse_args()
    if not (asked.archive / "manifest.json").exists():
        print(f"There is no archive in {asked.archive}: give its folder with --archive.", file=sys.stderr)
        return 1
    samples = read(asked.archive)[asked.half == "odd" :: 2 if asked.half else 1]
    runs = {"riverline, parse and tag": ours}
    if not asked.only:
        runs |= others()
    segments = sum(bool(sample.wanted) for sample in samples)
    print(f"{len(samples)} pages, {segments} with texts, {sum(bool(sample.date) for sample in samples)} with a date")
    for name, extractor in runs.items():
        outcomes, speed = measured(samples, extractor)
        found = "  ".join(f"{label} {value:.3f}" for label, value in scores(samples, outcomes).items())
        print(f"{name:25} {found}  {speed:.1f} pages per CPU second", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
