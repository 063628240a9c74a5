"""When to scale what. Pure: observations in, at most one step out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

SUPERVISOR = "a Storm supervisor node"
DATA_NODE = "an Elasticsearch data node"
WORKER_HOST = "a Celery worker on another machine"
CELERY = "celery"


@dataclass(frozen=True)
class Bounds:
    """How far it may go, and where it rests."""

    least: int
    most: int


@dataclass(frozen=True)
class Policy:
    """Times in seconds, of the clock that the observations bring."""

    stages: Mapping[str, Bounds]
    pool: Bounds
    lag: float = 100.0  # records that wait before anything is done
    queue_age: float = 10.0  # seconds that a task waits before anything is done
    out_after: float = 45.0  # that lag must have lasted: a rebalance stops the topology for 20 s
    idle_after: float = 300.0  # that nothing must have waited
    pause: float = 120.0  # between two steps: their effect must be seen
    longest_idle: float = 3600.0
    regret: float = 900.0  # a step out so soon after one back was one too many: the next waits twice as long
    cpu: float = 0.95  # from there on the machine is the limit


@dataclass(frozen=True)
class Observation:
    """What is observed at one moment (seconds)."""

    at: float
    lag: float = 0.0
    draining: bool = False  # at this rate nothing waits within a pause
    bottleneck: str = ""
    executors: Mapping[str, int] = field(default_factory=dict)
    queue_age: float = 0.0
    pool: int | None = None
    cpu: float = 0.0


@dataclass(frozen=True)
class ScalingState:
    """What is remembered between two observations."""

    lagging_since: float | None = None
    idle_since: float | None = None
    waiting_since: float | None = None  # tasks of Celery
    pool_idle_since: float | None = None
    acted: float = float("-inf")
    went_back: Mapping[str, float] = field(default_factory=dict)
    patience: Mapping[str, float] = field(default_factory=dict)  # seconds of idleness, where it was doubled


@dataclass(frozen=True)
class ScalingStep:
    """One change, and why."""

    what: str
    before: int
    after: int
    reason: str


@dataclass(frozen=True)
class Decision:
    """`limited`: what would have to be added, since this machine or its bounds end here."""

    step: ScalingStep | None = None
    limited: str = ""


def decided(policy: Policy, state: ScalingState, seen: Observation) -> tuple[ScalingState, Decision]:
    """The state after an observation, and what is to be done."""
    state = _clocks(policy, state, seen)
    decision = _topology(policy, state, seen)
    if decision == Decision():
        decision = _pool(policy, state, seen)
    if decision.step:
        state = _stepped(policy, state, seen.at, decision.step)
    return state, decision


def _clocks(policy: Policy, state: ScalingState, seen: Observation) -> ScalingState:
    """Since when it has been so."""

    def since(holds: bool, before: float | None) -> float | None:
        return (seen.at if before is None else before) if holds else None

    return replace(
        state,
        lagging_since=since(seen.lag >= policy.lag and not seen.draining, state.lagging_since),
        idle_since=since(seen.lag < policy.lag / 10, state.idle_since),
        waiting_since=since(seen.queue_age >= policy.queue_age, state.waiting_since),
        pool_idle_since=since(seen.queue_age < policy.queue_age / 10, state.pool_idle_since),
    )


def _lasted(since: float | None, at: float, seconds: float) -> bool:
    return since is not None and at - since >= seconds


def _topology(policy: Policy, state: ScalingState, seen: Observation) -> Decision:
    if _lasted(state.lagging_since, seen.at, policy.out_after):
        return _out(policy, state, seen)
    return _back(policy, state, seen)


def _out(policy: Policy, state: ScalingState, seen: Observation) -> Decision:
    name, bounds = seen.bottleneck, policy.stages.get(seen.bottleneck)
    now = seen.executors.get(name, 0)
    if name == "index":
        return Decision(limited=DATA_NODE)
    if not name or not now:
        return Decision()
    if bounds is None or now >= bounds.most or seen.cpu >= policy.cpu:
        return Decision(limited=SUPERVISOR)
    if seen.at - state.acted < policy.pause:
        return Decision()
    waits = f"{seen.lag:.0f} records have waited for {seen.at - (state.lagging_since or seen.at):.0f} s"
    return Decision(ScalingStep(name, now, min(bounds.most, 2 * now), f"{waits}, and {name} is the slowest stage"))


def _back(policy: Policy, state: ScalingState, seen: Observation) -> Decision:
    if seen.at - state.acted < policy.pause:
        return Decision()
    for name, bounds in policy.stages.items():
        now = seen.executors.get(name, 0)
        patience = state.patience.get(name, policy.idle_after)
        if now > bounds.least and _lasted(state.idle_since, seen.at, patience):
            return Decision(
                ScalingStep(name, now, max(bounds.least, now // 2), f"nothing has waited for {patience:.0f} s")
            )
    return Decision()


def _pool(policy: Policy, state: ScalingState, seen: Observation) -> Decision:
    now, bounds = seen.pool, policy.pool
    if now is None:
        return Decision()
    late = _lasted(state.waiting_since, seen.at, policy.out_after)
    if late and (now >= bounds.most or seen.cpu >= policy.cpu):
        return Decision(limited=WORKER_HOST)
    if seen.at - state.acted < policy.pause:
        return Decision()
    if late:
        reason = f"the oldest task has waited for {seen.queue_age:.0f} s"
        return Decision(ScalingStep(CELERY, now, min(bounds.most, now + 1), reason))
    patience = state.patience.get(CELERY, policy.idle_after)
    if now > bounds.least and _lasted(state.pool_idle_since, seen.at, patience):
        return Decision(ScalingStep(CELERY, now, now - 1, f"no task has waited for {patience:.0f} s"))
    return Decision()


def _stepped(policy: Policy, state: ScalingState, at: float, step: ScalingStep) -> ScalingState:
    """Remembers a step. One out soon after one back doubles the patience before the next one back."""
    went_back, patience = dict(state.went_back), dict(state.patience)
    if step.after < step.before:
        went_back[step.what] = at
    elif at - went_back.get(step.what, float("-inf")) < policy.regret:
        doubled = 2 * patience.get(step.what, policy.idle_after)
        patience[step.what] = min(policy.longest_idle, doubled)
    return replace(state, acted=at, went_back=went_back, patience=patience, lagging_since=None, idle_since=None)
