"""Carries out the policy's decisions, through Nimbus and Celery's control, and records each step with its reason."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import structlog

from riverline.monitoring.contracts import Incidents, ScaleAction
from riverline.monitoring.sample import Sample, series, subjects
from riverline.settings import Settings
from riverline_monitor.retry_queue import RetryQueue
from riverline_monitor.sampler import SourceReading
from riverline_monitor.scaling_policy import CELERY, Bounds, Observation, Policy, ScalingState, ScalingStep, decided

log = structlog.get_logger(__name__)


class Actuators(Protocol):
    """Carries out a step (`actuators.py`). Raises when it failed."""

    def rebalance(self, component: str, executors: int) -> None: ...

    def resize(self, change: int) -> None:
        """Makes Celery's pool larger or smaller by so many processes."""


class Autoscaler:
    """`judge` is called with every sample and returns at once; `limited` is a source of what it found."""

    def __init__(self, policy: Policy, actuators: Actuators, incidents: Incidents, acts: bool = True) -> None:
        self._policy, self._actuators, self._incidents, self._acts = policy, actuators, incidents, acts
        self._state = ScalingState()
        self._retries = RetryQueue("growth", patience=0.0)
        self._notes = RetryQueue("actions")
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

    def read(self) -> SourceReading:
        """1 for what would have to be added now; 0 for what had to be added before."""
        self._met |= {self._limited} - {""}
        return SourceReading({series("limited", name): float(name == self._limited) for name in self._met})

    def close(self) -> None:
        self._retries.close()
        self._notes.close()

    def _carry_out(self, step: ScalingStep, at: int) -> None:
        log.info("scales", what=step.what, before=step.before, after=step.after, reason=step.reason)

        def run() -> None:
            outcome = "done"
            try:
                if step.what == CELERY:
                    self._actuators.resize(step.after - step.before)
                else:
                    self._actuators.rebalance(step.what, step.after)
            except Exception as error:  # Nimbus or the broker is away: it is decided anew after the pause
                outcome = str(error) or type(error).__name__
                log.warning("scaling failed", what=step.what, error=outcome)
            action = ScaleAction(at, step.what, step.before, step.after, step.reason, outcome)
            self._notes.add(f"scaled {step.what}", lambda: self._incidents.note(action))

        self._retries.add(f"scale {step.what}", run)


def seen_in(sample: Sample, soon: float) -> Observation | None:
    """What the policy looks at; None where the sample does not know what waits."""
    values = sample.values
    if "lag" not in values:
        return None
    executors = {name: int(values[series("executors", name)]) for name in subjects("executors", values)}
    ages = [values[series("queue_age", name)] for name in subjects("queue_age", values)]
    return Observation(
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
