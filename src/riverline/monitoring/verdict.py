"""Whether processing keeps up with what comes in: one verdict for the page, the API and the command. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from riverline.monitoring.sample import NOW_SECONDS, Sample
from riverline.stages import STAGES, StageProgress

FEW = 100  # records that may wait without a word
SOON = 60.0  # seconds within which a backlog that will be gone is none
NEEDED = ("topology", "nimbus", "kafka", "elasticsearch")  # servers without which no page is processed


class PipelinePace(StrEnum):
    KEEPING_UP = "keeping_up"
    BEHIND = "behind"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class PipelineVerdict:
    """`records` wait. `seconds`: until nothing waits, at the present rates; None where it does not get less.

    `stage` and `reason` say where and why processing stands: `server` (its name in `stage`, what it says in `detail`),
    `silent`, `errors` or `stalled`; both are empty unless it does.
    """

    pace: PipelinePace
    records: int
    seconds: float | None = None
    stage: str = ""
    reason: str = ""
    detail: str = ""


def verdict(lag: int, stages: Sequence[StageProgress], sample: Sample | None, now_ms: int) -> PipelineVerdict:
    """`stages`: those that have reported lately; `sample`: the monitor's last one, if one is known."""
    fresh = sample if sample is not None and now_ms - sample.at <= NOW_SECONDS * 1000 else None
    if found := _stopped(lag, stages, fresh):
        return found
    seconds = _catch_up(lag, stages, fresh)
    behind = lag >= FEW and (seconds is None or seconds > SOON)
    return PipelineVerdict(PipelinePace.BEHIND if behind else PipelinePace.KEEPING_UP, lag, seconds)


def _stopped(lag: int, stages: Sequence[StageProgress], sample: Sample | None) -> PipelineVerdict | None:
    there = {stage.name: stage for stage in stages}
    down = sample.down if sample else {}
    if server := next((name for name in NEEDED if name in down), ""):
        return PipelineVerdict(PipelinePace.STOPPED, lag, None, server, "server", down[server])
    if silent := next((name for name in STAGES if name not in there), ""):
        return PipelineVerdict(PipelinePace.STOPPED, lag, None, silent if there else "", "silent")
    if lag < FEW or any(there[name].done_rate for name in STAGES[:1]):
        return None
    failing = next((stage.name for stage in stages if stage.error_rate), "")
    waiting = next((stage.name for stage in reversed(stages) if stage.in_flight), STAGES[0])
    return PipelineVerdict(PipelinePace.STOPPED, lag, None, failing or waiting, "errors" if failing else "stalled")


def _catch_up(lag: int, stages: Sequence[StageProgress], sample: Sample | None) -> float | None:
    """Seconds at the present rates; without a monitor at that of the spout alone."""
    if not lag:
        return 0.0
    inflow, done = 0.0, sum(stage.done_rate for stage in stages if stage.name == STAGES[0])
    if sample is not None:
        inflow, done = sample.values.get("inflow", inflow), sample.values.get("throughput", done)
    return lag / (done - inflow) if done > inflow else None
