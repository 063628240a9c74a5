"""Derived series: pressure, the time to catch up, the slowest stage. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from riverline.monitoring.sample import Sample, split

NEVER = 86_400.0  # seconds
BUSY = 0.5  # a stage that works less than that holds nobody up


def complete(sample: Sample) -> Sample:
    """The sample with what follows from it."""
    values = dict(sample.values)
    if {"lag", "inflow", "throughput"} <= values.keys():
        values["pressure"] = pressure(values["inflow"], values["throughput"])
        values["catch_up"] = catch_up(values["lag"], values["inflow"], values["throughput"])
    return replace(sample, values=values, bottleneck=bottleneck(values))


def pressure(inflow: float, throughput: float) -> float:
    """Inflow for each record that is done; a record in ten seconds counts as nothing."""
    return inflow / max(throughput, 0.1) if inflow >= 0.1 else 0.0


def catch_up(lag: float, inflow: float, throughput: float) -> float:
    """Seconds until nothing waits, if the rates stay as they are."""
    if lag <= 0:
        return 0.0
    drain = throughput - inflow
    return min(NEVER, lag / drain) if drain > 0 else NEVER


def bottleneck(values: Mapping[str, float]) -> str:
    """The busiest stage, if one is busy."""
    busy = {
        subject: value
        for name, value in values.items()
        if (found := split(name))[0] == "stage_busy" and (subject := found[1])
    }
    stage = max(busy, key=lambda name: busy[name], default="")
    return stage if stage and busy[stage] >= BUSY else ""
