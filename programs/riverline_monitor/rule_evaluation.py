"""Samples in, incidents out. Pure: the window says what is true now, the state what was true before."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum

from riverline.monitoring.contracts import Incident, Silence
from riverline_monitor.rules import ENDS_AT, WAITING, AlertRule
from riverline_monitor.window import SampleWindow

GONE_MS = 900_000  # a subject of which nothing was heard for so long is no more: its incident is over

Key = tuple[str, str]  # rule, subject


@dataclass(frozen=True, slots=True)
class Standing:
    """How a rule stands with a subject. Times are ms; None: it is not so."""

    true_since: int | None = None
    well_since: int | None = None
    unknown_since: int | None = None
    incident: Incident | None = None


State = Mapping[Key, Standing]


def evaluate(rules: Sequence[AlertRule], state: State, window: SampleWindow, bottleneck: str) -> dict[Key, Standing]:
    """How every rule stands after the newest sample. Incidents that are over are still there once, with their end."""
    found: dict[Key, Standing] = {}
    for rule in rules:
        held = [subject for name, subject in state if name == rule.name]
        for subject in dict.fromkeys([*window.subjects(rule.series, rule.whole), *held]):
            before = state.get((rule.name, subject), Standing())
            if before.incident and before.incident.until is not None:
                before = Standing()
            after = _after(rule, subject, before, window, bottleneck)
            if after != Standing():
                found[rule.name, subject] = after
    return found


def _after(rule: AlertRule, subject: str, before: Standing, window: SampleWindow, bottleneck: str) -> Standing:
    at, value = window.at, window.measured(rule.series, subject, rule.measure, rule.window)
    if value is None:
        return _unknown(before, at)
    is_true, is_well = _verdict(rule, value, window)
    if before.incident:
        well = (before.well_since or at) if is_well else None
        incident = replace(before.incident, value=value) if is_true else before.incident
        if well is not None and at - well >= rule.calm * 1000:
            return Standing(incident=replace(incident, until=at))
        return Standing(well_since=well, incident=incident)
    if not is_true:
        return Standing()
    since = before.true_since or at
    if at - since < rule.holds * 1000:
        return Standing(true_since=since)
    sentence = rule.sentence(subject, value, bottleneck)
    return Standing(incident=Incident(rule.name, subject, rule.severity, at, value, sentence))


def _unknown(before: Standing, at: int) -> Standing:
    """Nothing is known now: what goes on goes on, unless its subject has been gone for long."""
    if before.incident is None:
        return Standing()
    since = before.unknown_since or at
    if at - since >= GONE_MS:
        return Standing(incident=replace(before.incident, until=at))
    return Standing(incident=before.incident, unknown_since=since)


def _verdict(rule: AlertRule, value: float, window: SampleWindow) -> tuple[bool, bool]:
    """If the condition is met, and if it is clearly not."""
    is_true, is_well = rule.true(value), rule.well(value)
    if rule.while_lag:
        waiting = window.measured(WAITING, "", "last", 0) or 0.0
        is_true &= waiting >= rule.while_lag
        is_well |= waiting < rule.while_lag * ENDS_AT
    return is_true, is_well


class Kind(Enum):
    BEGINS = "begins"
    GOES_ON = "goes on"
    OVER = "over"


@dataclass(frozen=True, slots=True)
class Notification:
    """Something to be told."""

    kind: Kind
    incident: Incident


def notifications_due(
    state: State, silences: Iterable[Silence], at: int, repeat_seconds: float
) -> tuple[dict[Key, Standing], list[Notification]]:
    """The notifications due now, and the state once they are sent: each beginning once, again after a while, each end.

    What is silenced is not reported; if its silence ends before it does, it is reported then. The end of what was never
    reported is not reported either.
    """
    quiet, notifications, found = list(silences), [], {}
    for key, standing in state.items():
        incident = standing.incident
        if incident:
            kind = _kind(incident, at, repeat_seconds)
            if kind and not any(silence.covers(*key, at) for silence in quiet):
                over = kind is Kind.OVER
                incident = replace(incident, told=incident.told if over else at, over_told=over)
                notifications.append(Notification(kind, incident))
            elif incident.until is not None:
                incident = replace(incident, over_told=True)
            standing = replace(standing, incident=incident)
        found[key] = standing
    return found, notifications


def _kind(incident: Incident, at: int, repeat_seconds: float) -> Kind | None:
    if incident.until is not None:
        return Kind.OVER if incident.told is not None and not incident.over_told else None
    if incident.told is None:
        return Kind.BEGINS
    return Kind.GOES_ON if at - incident.told >= repeat_seconds * 1000 else None


def restored(incidents: Iterable[Incident]) -> dict[Key, Standing]:
    """The state in which these incidents go on, after a restart."""
    return {incident.key: Standing(incident=incident) for incident in incidents if incident.until is None}
