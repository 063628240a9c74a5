"""When a submitted topology is healthy, and when it must be rolled back. Pure: observations in, a verdict out."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

STEADY_SECONDS = 15  # every task has run that long without a start anew
FEW = 20  # records, of which no share can be told yet
MOST_DEAD = 0.5  # of the records that the new one finished


@dataclass(frozen=True)
class Task:
    """An executor as Nimbus sees it. `uptime`: seconds since its worker began; 0 before its first sign of life."""

    component: str
    uptime: int


@dataclass(frozen=True)
class Sight:
    """What is to be seen of a topology at one moment."""

    status: str  # Nimbus' word for it; empty when it does not know it
    tasks: tuple[Task, ...]
    expected: int  # tasks
    errors: tuple[str, ...]  # that components reported in the last seconds
    lag: int  # records that wait
    committed: int  # records that are done, since ever
    dead: int  # dead letters that wait and did not before it was submitted


@dataclass(frozen=True)
class Verdict:
    """`word` is healthy, waiting or failed; `why` says what is missing, or what failed."""

    word: str
    why: str = ""


def verdict(before: Sight, now: Sight) -> Verdict:
    """How the new topology does. `before` was seen when it had just been submitted."""
    if why := _ruinous(before, now):
        return Verdict("failed", why)
    missing = next(filter(None, (_not_running(now), _reporting(now), _not_moving(before, now))), None)
    return Verdict("waiting", missing) if missing else Verdict("healthy")


def _ruinous(before: Sight, now: Sight) -> str:
    """What would go on doing harm while one waits: records that end as dead letters."""
    done, dead = now.committed - before.committed, now.dead - before.dead
    if dead >= FEW and dead > done * MOST_DEAD:
        return f"{dead} of {done} records became dead letters"
    return ""


def _not_running(now: Sight) -> str:
    if now.status != "ACTIVE":
        return f"Nimbus says {now.status or 'nothing'} of it"
    if len(now.tasks) < now.expected:
        return f"{len(now.tasks)} of {now.expected} tasks run"
    young = sorted({task.component for task in now.tasks if task.uptime < STEADY_SECONDS})
    return f"{', '.join(young)}: not up for {STEADY_SECONDS} s yet" if young else ""


def _reporting(now: Sight) -> str:
    return f"an error was reported: {_first_line(now.errors)}" if now.errors else ""


def _not_moving(before: Sight, now: Sight) -> str:
    if now.lag and now.committed <= before.committed:
        return f"{now.lag} records wait and none was finished"
    return ""


def _first_line(errors: Iterable[str]) -> str:
    return next((line for error in errors for line in error.splitlines() if line.strip()), "")[:200]
