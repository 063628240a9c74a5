"""Does what the policy decides, through Nimbus and Celery's control, and notes each step with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import structlog

from monitor.errands import Errands
from monitor.sampler import Reading
from monitor.scaling import CELERY, Bounds, Policy, Seen, State, Step, decided
from riverline.monitoring.incidents import Incidents, ScaleAction
from riverline.monitoring.sample import Sample, series, subjects
from riverline.settings import Settings

log = structlog.get_logger(__name__)


class Hands(Protocol):
    """What carries a step out (`hands.py`). Raises when it was not done."""

    def rebalance(self, component: str, executors: int) -> None: ...

    def resize(self, change: int) -> None:
        """Makes Celery's pool larger or smaller by so many processes."""


class Growth:
    """`judge` is called with every sample and returns at once; `limited` is a source of what it found."""

    def __init__(self, policy: Policy, hands: Hands, incidents: Incidents, acts: bool = True) -> None:
        self._policy, self._hands, self._incidents, self._acts = policy, hands, incidents, acts
        self._state = State()
        self._errands = Errands("growth", patience=0.0)
        self._notes = Errands("actions")
        self._limited = ""
        self._met: set[str] = set()

    def judge(self, sample: Sample) -> None:
        seen = seen_in(sample, self._policy.pause)
        if seen is None:
            return
        self._state, decision = decided(self._policy, self._state, seen)
        self._limited = decision.limited
        if decision.step and self._acts:
            self._carry_out(decision.step, sample.at)

    def read(self) -> Reading:
        """1 for what would have to be added now; 0 for what had to be added before."""
        self._met |= {self._limited} - {""}
        return Reading({series("limited", name): float(name == self._limited) for name in self._met})

    def close(self) -> None:
        self._errands.close()
        self._notes.close()

    def _carry_out(self, step: Step, at: int) -> None:
        log.info("scales", what=step.what, before=step.before, after=step.after, reason=step.reason)

        def run() -> None:
            outcome = "done"
            try:
                if step.what == CELERY:
                    self._hands.resize(step.after - step.before)
                else:
                    self._hands.rebalance(step.what, step.after)
            except Exception as error:  # Nimbus or the broker is away: it is decided anew after the pause
                outcome = str(error) or type(error).__name__
                log.warning("did not scale", what=step.what, error=outcome)
            action = ScaleAction(at, step.what, step.before, step.after, step.reason, outcome)
            self._notes.add(f"scaled {step.what}", lambda: self._incidents.note(action))

        self._errands.add(f"scale {step.what}", run)


def seen_in(sample: Sample, soon: float) -> Seen | None:
    """What the policy looks at; None where the sample does not know what waits."""
    values = sample.values
    if "lag" not in values:
        return None
    executors = {name: int(values[series("executors", name)]) for name in subjects("executors", values)}
    ages = [values[series("queue_age", name)] for name in subjects("queue_age", values)]
    return Seen(
        at=sample.at / 1000,
        lag=values["lag"],
        draining=values.get("catch_up", 0.0) < soon,
        bottleneck=sample.bottleneck,
        executors=executors,
        queue_age=max(ages, default=0.0),
        pool=int(values["pool"]) if "pool" in values else None,
        cpu=values.get("cpu", 0.0),
    )


def policy_of(settings: Settings) -> Policy:
    """The bounds that are set. The stages that remember by key (deduplicate, index) keep their tasks."""
    wanted = settings.topology
    stages: Mapping[str, Bounds] = {
        "parse": Bounds(wanted.parsers, max(wanted.parsers, wanted.parsers_most)),
        "tag": Bounds(wanted.taggers, max(wanted.taggers, wanted.taggers_most)),
    }
    pool = Bounds(settings.celery.concurrency, max(settings.celery.concurrency, settings.celery.concurrency_most))
    return Policy(stages, pool, cpu=settings.monitor.cpu_limit)
