"""How well and how fast pages are parsed and tagged, against trafilatura alone in the same run.

    python -m bench.extraction [--archive DIR] [--half even|odd]

The archive is a folder with manifest.json: pages with their URL, file (gzip), publication date, and texts that the main
text must and must not contain. Time is CPU time of one process; start-up is measured apart.
"""

import argparse
import gzip
import json
import os
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from riverline.errors import Invalid
from riverline.model import Page

FETCHED = 1_760_000_000_000  # all pages of the archive are older
LANG = re.compile(rb"""<html[^>]{0,500}?\slang\s*=\s*["']?([A-Za-z]{2})""", re.I)


@dataclass(frozen=True)
class Sample:
    """One page of the archive and what is known of it."""

    page: Page
    date: str
    wanted: list[str] | None
    unwanted: list[str] | None

    @property
    def declared(self) -> str:
        """The language that the `html` element names."""
        match = LANG.search(self.page.body[:20_000])
        return match[1].decode().lower() if match else ""


@dataclass(frozen=True)
class Outcome:
    """What an extractor made of a page."""

    text: str = ""
    date: str = ""
    language: str = ""


def read(archive: Path) -> list[Sample]:
    """The archive's pages, bodies as the crawler would deliver them."""
    rows = json.loads((archive / "manifest.json").read_text("utf-8"))
    return [
        Sample(
            Page(row["url"], row["url"], gzip.decompress((archive / row["file"]).read_bytes()), content_type="text/html", fetched_at=FETCHED),
            row["date"] or "",
            row["with"],
            row["without"],
        )
        for row in rows
    ]  # fmt: skip


def ours(page: Page) -> Outcome:
    from riverline.text.parse import parse
    from riverline.text.tag import tag

    try:
        parsed = parse(page)
        document = tag(parsed, page, FETCHED)
    except Invalid:
        return Outcome()
    return Outcome(document.body, parsed.published[:10], document.locale.partition("-")[0])


def trafilatura(fast: bool) -> Callable[[Page], Outcome]:
    import trafilatura as library

    def extracted(page: Page) -> Outcome:
        text = library.extract(page.body, fast=fast, include_comments=False, include_tables=True)
        return Outcome(text or "")

    return extracted


def measured(samples: list[Sample], extractor: Callable[[Page], Outcome]) -> tuple[list[Outcome], float]:
    """The outcomes, and pages per CPU second."""
    start = time.process_time()
    outcomes = [extractor(sample.page) for sample in samples]
    return outcomes, len(samples) / (time.process_time() - start)


def share(hits: list[bool]) -> float:
    return sum(hits) / len(hits) if hits else float("nan")


def scores(samples: list[Sample], outcomes: list[Outcome]) -> dict[str, float]:
    pairs = list(zip(samples, outcomes, strict=True))
    return {
        "wanted": share([text in outcome.text for sample, outcome in pairs for text in sample.wanted or ()]),
        "unwanted left out": share([text not in outcome.text for sample, outcome in pairs for text in sample.unwanted or ()]),
        "dates": share([sample.date == outcome.date for sample, outcome in pairs if sample.date]),
        "language": share([sample.declared == outcome.language for sample, outcome in pairs if sample.declared]),
    }  # fmt: skip


def main() -> int:
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--archive", type=Path, default=Path(os.environ.get("RIVERLINE_ARCHIVE", "archive")))
    arguments.add_argument("--half", choices=("even", "odd"), help="only every second page, to tune on one half and judge on the other")
    arguments.add_argument("--only", action="store_true", help="without trafilatura")
    asked = arguments.parse_args()
    if not (asked.archive / "manifest.json").exists():
        print(f"There is no archive in {asked.archive}: give its folder with --archive.", file=sys.stderr)
        return 1
    samples = read(asked.archive)
    if asked.half:
        samples = samples[asked.half == "odd" :: 2]
    ours(samples[0].page)
    runs = {"riverline, parse and tag": ours}
    if not asked.only:
        runs |= {"trafilatura, fast": trafilatura(True), "trafilatura, default": trafilatura(False)}
    print(f"{len(samples)} pages")
    for name, extractor in runs.items():
        outcomes, speed = measured(samples, extractor)
        found = "  ".join(f"{label} {value:.3f}" for label, value in scores(samples, outcomes).items())
        print(f"{name:26} {found}  {speed:.1f} pages per CPU second")
    return 0


if __name__ == "__main__":
    sys.exit(main())
