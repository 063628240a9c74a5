"""A page that cannot be parsed, on the real servers: it dies, is sent again, dies again, and is overtaken."""

from __future__ import annotations

import json
import subprocess
import sys
import uuid
from collections.abc import Callable

from riverline.model import Page
from riverline.pipeline.contracts import DeadLetter, LetterQuery, LetterState
from riverline.services import Services, now_ms
from tests.support.stack import awaited

WAITED = 120.0  # seconds for what takes the topology some


def _page(url: str, body: bytes, content_type: str) -> Page:
    return Page(url, url, body, content_type=content_type, charset="utf-8", fetched_at=now_ms())


def _letter(services: Services, url: str, ready: Callable[[DeadLetter], bool]) -> DeadLetter:
    def found() -> DeadLetter | None:
        services.dead_letters.catch_up()
        letters = services.dead_letters.catalogue.page(LetterQuery(limit=1000))
        return next((letter for letter in letters if letter.url == url and ready(letter)), None)

    return awaited(found, WAITED)


def _replay(environment: dict[str, str], offset: int) -> list[str]:
    command = [
        sys.executable,
        "-m",
        "riverline_commands.main",
        "replay",
        "dead-letter",
        "--from",
        str(offset),
        "--json",
    ]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return [row["url"] for row in json.loads(run.stdout)["records"] if row["sent"]]


def test_a_dead_letter_is_one_letter_until_its_page_is_processed(
    services: Services, environment: dict[str, str]
) -> None:
    site = f"{uuid.uuid4().hex[:10]}.example"
    url, topic = f"http://{site}/paper", f"crawl.{site}"
    services.log.append(topic, _page(url, b"%PDF-1.7 but not really", "application/pdf"))
    services.log.flush()
    first = _letter(services, url, lambda letter: letter.state is LetterState.WAITING)
    assert first.root.startswith(f"{topic}-") and (first.failures, first.stage) == (1, "parse")

    assert _replay(environment, first.offset) == [url]
    again = _letter(services, url, lambda letter: letter.failures == 2)
    assert (again.id, again.root, again.state) == (first.id, first.root, LetterState.WAITING)
    assert again.attempts == first.attempts * 2 and again.offset != first.offset

    text = f"<html><title>{site}</title><body><p>{'A paper that can be read after all. ' * 20}{site}</p></body></html>"
    services.log.append(topic, _page(url, text.encode(), "text/html"))
    services.log.flush()
    _letter(services, url, lambda letter: letter.state is LetterState.SETTLED)
    assert url not in _replay(environment, first.offset)
