"""`riverline replay`: sends dead letters, or any topic from an offset or a time, through the topology again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.progress import Progress

from riverline.errors import Invalid
from riverline.model import Origin
from riverline.pipeline.contracts import DeadLetter, LetterState
from riverline.pipeline.dead_letters import AGAIN, Sent
from riverline.pipeline.replay import Start, ranges
from riverline.pipeline.replay import replay as steps
from riverline.services import Services, assemble
from riverline.settings import Settings
from riverline_commands.console import Json, out, print_json, progress

Topic = Annotated[str, typer.Argument(help="dead-letter, or a topic, as `riverline topics` lists it.")]
From = Annotated[str, typer.Option("--from", help="Offset, or time: 2026-01-31T12:00:00Z. Default: all.")]
Every = Annotated[
    bool,
    typer.Option("--all", help="Include dead letters that were sent again or dismissed."),
]
Dry = Annotated[bool, typer.Option("--dry-run", help="Only show what would be sent.")]
Row = dict[str, Any]


def replay(topic: Topic, start: From = "", every: Every = False, dry_run: Dry = False, json: Json = False) -> None:
    """Sends records through the topology again. Doing it twice is harmless. Settled dead letters (their page was
    processed after all) are never sent."""
    services, begin = assemble(Settings.load()), parse_start(start)
    if topic == services.settings.kafka.dead_letter:
        total, found = _of_letters(services, begin, every, dry_run)
    else:
        total, found = _of_topic(services, topic, begin, dry_run)
    done = _followed(topic, total, found, json)
    services.log.close()
    if json:
        return print_json({"topic": topic, "dry_run": dry_run, "records": done})
    return _told(done, dry_run)


def _of_topic(services: Services, topic: str, begin: Start, dry: bool) -> tuple[int, Iterator[Row]]:
    spans = ranges(services.log, topic, begin)
    found = (
        {"origin": str(step.origin), "url": step.url, "topic": step.topic, "sent": step.sent}
        for step in steps(services.log, spans, dry)
    )
    return sum(stop - first for first, stop in spans.values()), found


def _of_letters(services: Services, begin: Start, every: bool, dry: bool) -> tuple[int, Iterator[Row]]:
    queue, topic = services.dead_letters, services.settings.kafka.dead_letter
    queue.catch_up()
    states = AGAIN if every else (LetterState.WAITING,)
    chosen = [letter for letter in queue.letters(states) if _from(letter, begin)]
    return len(chosen), (_row(topic, step) for step in queue.send_again(chosen, dry))


def _from(letter: DeadLetter, begin: Start) -> bool:
    late = begin.time is None or (letter.failed_at or 0) >= begin.time
    return late and (begin.offset is None or letter.offset >= begin.offset)


def _row(topic: str, step: Sent) -> Row:
    here = Origin(topic, step.letter.partition, step.letter.offset)
    row = {"origin": str(here), "url": step.letter.url, "topic": step.topic, "sent": step.sent}
    return row | {"root": step.letter.root, "state": step.letter.state.value}


def _followed(topic: str, total: int, found: Iterable[Row], json: bool) -> list[Row]:
    done: list[Row] = []
    with Progress(console=progress, disable=json or not progress.is_terminal) as bar:
        task = bar.add_task(topic, total=total)
        for row in found:
            done.append(row)
            bar.advance(task)
    return done


def _told(done: list[Row], dry: bool) -> None:
    if dry:
        for row in done:
            out.print(f"{row['origin']} -> {row['topic']}  {row['url']}", markup=False)
        return out.print(f"{_counted(len(done))} would be sent.")
    sent = sum(row["sent"] for row in done)
    passed = f", {len(done) - sent} skipped: no page" if sent < len(done) else ""
    return out.print(f"{_counted(sent)} sent{passed}." if done else "No dead letter is waiting.")


def _counted(count: int) -> str:
    return "1 record" if count == 1 else f"{count} records"


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
