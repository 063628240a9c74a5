"""What the check of timelines against the query has found (the task `reconcile_timelines`)."""

from __future__ import annotations

import orjson

from riverline.contracts import KeyValue
from riverline.monitoring.checks import DIFFERENCES_KEY
from riverline_monitor.sampler import SourceReading


class TimelinesSource:
    def __init__(self, key_value: KeyValue) -> None:
        self._key_value = key_value

    def read(self) -> SourceReading:
        (found,) = self._key_value.get([DIFFERENCES_KEY])
        return SourceReading({"timeline_differences": float(orjson.loads(found)["total"])} if found else {})
