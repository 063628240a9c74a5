"""`riverline status`: one screen that says whether all is well, and if not, where."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import typer

from riverline.errors import Transient
from riverline.monitoring.sample import NOW_KEY, Sample, split
from riverline.monitoring.verdict import PipelinePace, PipelineVerdict, verdict
from riverline.pipeline.contracts import LetterState
from riverline.services import Services, assemble
from riverline.settings import Settings
from riverline.stages import progress as stages_of
from riverline_commands.console import Json, duration, out, print_json, said
from riverline_commands.topics import state as topics_of

FULL = 0.85  # share of a disk from which it is said to be filling
LATE = 30.0  # seconds that a replica may be behind
MARKS = {"ok": "[green]ok     [/]", "note": "[yellow]note   [/]", "bad": "[red]problem[/]"}


@dataclass(frozen=True, slots=True)
class StatusLine:
    """What was looked at, how it stands (ok, note, bad), and in a sentence."""

    what: str
    state: str
    said: str


def status(json: Json = False) -> None:
    """One screen: whether processing keeps up, alerts, targets, dead letters, replication, disks."""
    lines = gathered(assemble(Settings.load()))
    well = all(line.state != "bad" for line in lines)
    if json:
        print_json({"well": well, "lines": lines})
    else:
        for line in lines:
            out.print(MARKS[line.state], end=" ")
            out.print(f"{line.what}: {line.said}", markup=False)
    raise typer.Exit(0 if well else 1)


def gathered(services: Services) -> list[StatusLine]:
    """All lines. What a server that is away would have told is said to be unknown."""
    sample = _sample(services)
    looks: tuple[tuple[str, Callable[[], list[StatusLine]]], ...] = (
        ("processing", lambda: [_processing(services, sample)]),
        ("alerts", lambda: _alerts(services)),
        ("targets", lambda: [_targets(services)]),
        ("dead letters", lambda: [_letters(services)]),
        ("replication", lambda: _replication(sample)),
        ("disks", lambda: _disks(sample)),
    )
    return [line for what, look in looks for line in _looked(what, look)]


def _looked(what: str, look: Callable[[], list[StatusLine]]) -> list[StatusLine]:
    try:
        return look()
    except Transient as error:
        return [StatusLine(what, "bad", f"not known: {said(error)}")]


def _sample(services: Services) -> Sample | None:
    """What the monitor knew last; nothing where it does not run, or Redis is away."""
    try:
        [packed] = services.key_value.get([NOW_KEY])
    except Transient:
        return None
    return Sample.unpacked(packed) if packed else None


def _processing(services: Services, sample: Sample | None) -> StatusLine:
    log, now = services.log, services.now_ms()
    lag = sum(topic.lag for topic in topics_of(log, list(log.topics()), services.settings.kafka.dead_letter))
    found = verdict(lag, stages_of(services.stages.fresh(now)), sample, now)
    state = {PipelinePace.KEEPING_UP: "ok", PipelinePace.BEHIND: "note", PipelinePace.STOPPED: "bad"}[found.pace]
    return StatusLine("processing", state, sentence(found))


def sentence(found: PipelineVerdict) -> str:
    """A verdict in words."""
    if found.pace is PipelinePace.STOPPED:
        reasons = {
            "server": f"the server does not work ({found.detail})",
            "silent": "it has not reported for 30 seconds",
            "errors": "its steps fail",
            "stalled": "records are waiting and none is finished",
        }
        return f"stopped{f' at {found.stage}' if found.stage else ''}: {reasons[found.reason]}"
    if found.pace is PipelinePace.KEEPING_UP:
        return f"keeps up, {found.records} records are in flight"
    rest = "and not catching up" if found.seconds is None else f"about {duration(round(found.seconds))}"
    return f"behind by {found.records} records, {rest}"


def _alerts(services: Services) -> list[StatusLine]:
    found = [incident for _, incident in services.incidents.page(20, going_on=True)]
    lines = [
        StatusLine(
            f"alert {one.rule}", "bad" if one.severity == "critical" else "note", one.sentence.partition("\n")[0]
        )
        for one in found
    ]
    return lines or [StatusLine("alerts", "ok", "none is open")]


def _targets(services: Services) -> StatusLine:
    entries, now = services.targets.all(), services.now_ms()
    enabled = [entry for entry in entries if entry.target.enabled]
    held = sum(bool(entry.worker) for entry in enabled)
    due = sum(not entry.worker and entry.due_at <= now for entry in enabled)
    problems = [entry.target.name for entry in enabled if entry.progress.get("problem")]
    said = f"{len(entries)}, {held} being crawled, {due} due"
    if problems:
        return StatusLine("targets", "note", f"{said}; not crawled: {', '.join(problems)}")
    return StatusLine("targets", "ok", said)


def _letters(services: Services) -> StatusLine:
    waiting = services.dead_letters.catalogue.counts()[LetterState.WAITING]
    said = "none is waiting" if not waiting else f"{waiting} waiting (`riverline replay dead-letter` sends them again)"
    return StatusLine("dead letters", "note" if waiting else "ok", said)


def _replication(sample: Sample | None) -> list[StatusLine]:
    lags = _series(sample, "replica_lag")
    return [
        StatusLine(f"replica {name}", "ok" if seconds <= LATE else "bad", f"{seconds:.1f} s behind")
        for name, seconds in lags
    ] or [StatusLine("replication", "note", "unknown: the monitor has not reported for a minute")]


def _disks(sample: Sample | None) -> list[StatusLine]:
    used = _series(sample, "disk_used")
    return [StatusLine(f"disk {name}", "ok" if share < FULL else "bad", f"{share:.0%} in use") for name, share in used]


def _series(sample: Sample | None, wanted: str) -> list[tuple[str, Any]]:
    values = sample.values if sample else {}
    return sorted((split(name)[1], value) for name, value in values.items() if split(name)[0] == wanted)
