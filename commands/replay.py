"""`riverline replay`: sends dead letters, or any topic from an offset or a time, through the topology again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.progress import Progress

from commands.console import Json, out, print_json, progress
from riverline.assembly import assemble
from riverline.content.replay import Start, Step, ranges
from riverline.content.replay import replay as steps
from riverline.errors import Invalid
from riverline.settings import Settings

Topic = Annotated[str, typer.Argument(help="dead-letter, or a topic as `riverline topics` lists it.")]
From = Annotated[str, typer.Option("--from", help="An offset or a time, 2026-01-31T12:00:00Z. Default: the beginning.")]
Dry = Annotated[bool, typer.Option("--dry-run", help="Only says what would be sent.")]


def replay(topic: Topic, start: From = "", dry_run: Dry = False, json: Json = False) -> None:
    """Sends records through the topology again. Doing it twice changes nothing."""
    settings = Settings.load()
    log = assemble(settings).log
    spans = ranges(log, topic, parse_start(start))
    total = sum(stop - first for first, stop in spans.values())
    done: list[Step] = []
    with Progress(console=progress, disable=json or not progress.is_terminal) as bar:
        task = bar.add_task(topic, total=total)
        for step in steps(log, spans, settings.kafka.dead_letter, dry_run):
            done.append(step)
            bar.advance(task)
    log.close()
    if json:
        print_json({"topic": topic, "dry_run": dry_run, "records": [_plain(step) for step in done]})
        return
    for step in done if dry_run else []:
        out.print(f"{step.origin} -> {step.topic}  {step.url}", markup=False)
    sent, passed = sum(step.sent for step in done), sum(not step.sent for step in done)
    out.print(f"{passed} records would be sent." if dry_run else f"{sent} records sent, {passed} passed over: no page.")


def parse_start(text: str) -> Start:
    """An offset or a time (ISO 8601; without a zone it is UTC). Raises Invalid."""
    if not text:
        return Start()
    if text.isdigit():
        return Start(offset=int(text))
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(f"--from {text!r} is neither an offset nor a time such as 2026-01-31T12:00:00Z") from None
    return Start(time=int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000))


def _plain(step: Step) -> dict[str, object]:
    return {"origin": str(step.origin), "url": step.url, "topic": step.topic, "sent": step.sent}
