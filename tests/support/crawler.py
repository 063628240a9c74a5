"""A crawler that goes on, with a log in a file for Kafka: `python -m tests.support.crawler FILE [--once] [--again]`."""

import json
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from riverline.model import Page
from riverline.pipeline.contracts import Done
from riverline.services import assemble
from riverline.settings import Settings
from riverline_commands.crawl_run import shared_turns
from riverline_crawler.service import CrawlPlan, Service


class LineLog:
    """Writes a line for each page, and acknowledges it at once."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a")

    def append(self, topic: str, page: Page, done: Done | None = None) -> None:
        line = {"topic": topic, "key": page.key, "status": page.status, "note": page.note}
        self._file.write(json.dumps(line) + "\n")
        self._file.flush()
        if done:
            done(None)

    def flush(self, timeout: float = 30.0) -> None:
        pass


def main(line: Sequence[str]) -> None:
    settings = Settings.load()
    plan = CrawlPlan(f"test-{os.getpid()}", once="--once" in line, again="--again" in line)
    log = LineLog(Path(line[0]))
    services = assemble(settings)
    report = Service(settings, services.targets, log, shared_turns(services), plan).run()  # type: ignore[arg-type]
    print(json.dumps(report.plain()), flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
