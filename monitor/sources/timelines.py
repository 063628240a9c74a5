"""What the check of timelines against the query has found (the task `reconcile_timelines`)."""

from __future__ import annotations

import orjson

from monitor.sampler import Reading
from riverline.monitoring.checks import DIFFERENCES_KEY
from riverline.stores.contracts import Scratch


class TimelinesSource:
    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch

    def read(self) -> Reading:
        (found,) = self._scratch.get([DIFFERENCES_KEY])
        return Reading({"timeline_differences": float(orjson.loads(found)["total"])} if found else {})
