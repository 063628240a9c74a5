"""Replaces the topology with a new release, and rolls back when that does not become healthy.

The former topology stops reading, finishes what it holds, and is killed; the new one takes over from the offsets that
were committed. So nothing is lost, and what was finished but not committed is done again, which changes nothing.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from riverline.adapters.storm.nimbus import nimbus_client
from riverline.errors import Fatal, RiverlineError, Transient
from riverline.services import Services
from riverline.settings import Settings
from riverline_stack.release import releases, topology
from riverline_stack.release.health_verdict import STEADY_SECONDS, Sight, Task, Verdict, verdict
from riverline_stack.release.releases import Release
from riverline_stack.supervision.lifecycle import Progress

POLL = 2.0  # seconds between two looks at the new one
NAME = "health of the topology"
NEWEST = (1 << 63) - 1  # no letter is newer


@dataclass(frozen=True)
class DeployOutcome:
    """How it ended. `release` runs now; `seconds` from the kill of the former one until all tasks of it were steady."""

    deployed: bool
    release: str
    former: str
    seconds: float
    why: str = ""


@dataclass(frozen=True)
class DeployPlan:
    """`wait`: seconds in which the former one may finish what it holds; `within`: those in which the new one must be
    healthy; `back_within`: those that a release has which was healthy before."""

    wait: int = 5
    within: float = 240.0
    environment: str = topology.ENVIRONMENT
    back_within: float = 240.0


def deploy(services: Services, jar: Path, plan: DeployPlan, progress: Progress) -> DeployOutcome:
    """Submits the jar with the topology as the sources define it. Raises Fatal when neither the new nor the former
    release could be brought up."""
    settings = services.settings
    former = _keep(services, progress)

    def submit() -> None:
        topology.put(settings, jar, plan.wait, plan.environment)

    outcome = _replace(services, submit, former, plan, progress)
    if outcome.deployed:
        topology.note(settings)
    return outcome


def go_back(services: Services, release: Release, plan: DeployPlan, progress: Progress) -> DeployOutcome:
    """Puts a kept release in the place of what runs, as it ran then."""
    settings, former = services.settings, _keep(services, progress)
    return _replace(services, lambda: releases.submit(settings, release, plan.wait), former, plan, progress)


def _keep(services: Services, progress: Progress) -> Release | None:
    former = releases.keep(services.settings)
    progress.say(f"{former.name} is kept" if former else "no topology is running, so there is nothing to roll back to")
    return former


def _replace(
    services: Services, submit: Callable[[], None], former: Release | None, plan: DeployPlan, progress: Progress
) -> DeployOutcome:
    began = time.monotonic()
    progress.say("the old topology finishes what it holds; then the new one is submitted")
    try:
        submit()
        said = wait_for_health(services, plan.within, progress)
    except RiverlineError as error:
        said = Verdict("failed", str(error))
    if said.word == "healthy":
        took = time.monotonic() - began
        progress.say(f"the new topology is healthy, {took:.0f} s after the old one was told to stop")
        return DeployOutcome(True, _running(services), former.name if former else "", took)
    if former is None:
        raise Fatal(f"the topology did not become healthy, and there is none to roll back to: {said.why}")
    return _roll_back(services, former, said.why, plan, progress)


def _roll_back(services: Services, former: Release, why: str, plan: DeployPlan, progress: Progress) -> DeployOutcome:
    progress.say(f"the new topology is not healthy: {why}")
    if _running(services) == former.name:  # it never came so far that the former one was killed
        return DeployOutcome(False, former.name, former.name, 0.0, why)
    progress.say(f"rolling back to {former.name}")
    began = time.monotonic()
    try:
        releases.submit(services.settings, former, 1)
        said = wait_for_health(services, max(plan.within, plan.back_within), progress)
    except RiverlineError as error:
        said = Verdict("failed", str(error))
    if said.word != "healthy":
        raise Fatal(f"not healthy: {why}; and the old release did not come up either: {said.why}")
    took = time.monotonic() - began
    progress.say(f"{former.name} runs again, {took:.0f} s later")
    return DeployOutcome(False, _running(services), former.name, took, why)


def wait_for_health(services: Services, within: float, progress: Progress) -> Verdict:
    """The verdict on what was just submitted, as soon as there is one; `waiting` is `failed` after `within` seconds.

    What the one before it finished or buried does not count: the first look is what the others are compared with.
    """
    since, former = time.time(), _newest_letter(services)
    deadline = time.monotonic() + within
    said, first = Verdict("waiting", "not checked yet"), None
    try:
        while time.monotonic() < deadline:
            try:
                seen = look(services, since, former)
                first = first or seen
                said = verdict(first, seen)
            except Transient as error:  # a server that is busy says nothing about the topology
                said = Verdict("waiting", str(error))
            if said.word != "waiting":
                return said
            progress.waiting(NAME, said.why)
            time.sleep(POLL)
    finally:
        progress.waiting(NAME, None)
    return Verdict("failed", f"{said.why}, after {within:.0f} s")


def look(services: Services, since: float, letter: int) -> Sight:
    """What is to be seen now. Errors count when they are younger than `since` (seconds since 1970) and not older than
    what a task needs to be steady; dead letters when they are newer than that one. Raises Transient."""
    log = services.log
    names = log.topics()
    ends, done = log.ends(names), log.committed(names)
    committed = sum(min(max(done.get(place, first), first), end) for place, (first, end) in ends.items())
    dead = _new_letters(services, letter)
    status, tasks, expected, errors = _of_nimbus(services.settings, max(since, time.time() - STEADY_SECONDS))
    lag = sum(end for _, end in ends.values()) - committed
    return Sight(status, tasks, expected, errors, lag, committed, dead)


def _newest_letter(services: Services) -> int:
    """The newest dead letter, by its id in the catalogue."""
    try:
        services.dead_letters.catch_up()
        return services.dead_letters.catalogue.newest()
    except Transient:
        return NEWEST


def _new_letters(services: Services, letter: int) -> int:
    """How many newer ones wait. One that was sent again and failed again is no new letter; one whose page was processed
    meanwhile does not wait. Without the catalogue none is known: a server that is away says nothing of the topology."""
    try:
        services.dead_letters.catch_up()
        return services.dead_letters.catalogue.waiting_after(letter)
    except Transient:
        return 0


def _of_nimbus(settings: Settings, since: float) -> tuple[str, tuple[Task, ...], int, tuple[str, ...]]:
    with nimbus_client(settings.storm.nimbus, releases.ANSWER_SECONDS) as nimbus:
        summaries = nimbus.getClusterInfo().topologies or []
        summary = next((each for each in summaries if each.name == settings.storm.topology), None)
        if summary is None:
            return "", (), 0, ()
        info = nimbus.getTopologyInfo(summary.id)
    tasks = tuple(Task(each.component_id, each.uptime_secs or 0) for each in info.executors or [])
    errors = tuple(
        error.error
        for reported in (info.errors or {}).values()
        for error in reported
        if (error.error_time_secs or 0) >= since
    )
    return summary.status, tasks, max(summary.num_executors, 1), errors


def _running(services: Services) -> str:
    return releases.running(services.settings) or ""
