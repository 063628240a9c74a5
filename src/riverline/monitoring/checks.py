"""Results of periodic checks, for the monitor."""

from __future__ import annotations

import orjson

from riverline.contracts import KeyValue

DIFFERENCES_KEY = "MONITOR_TIMELINE_DIFFERENCES"
KEPT_SECONDS = 7 * 86_400.0


def note_differences(key_value: KeyValue, found: int) -> None:
    """Adds to the timelines that were found different from the query. One check at a time. Raises Transient."""
    (known,) = key_value.get([DIFFERENCES_KEY])
    total = (orjson.loads(known)["total"] if known else 0) + found
    key_value.put(DIFFERENCES_KEY, orjson.dumps({"total": total}), KEPT_SECONDS)
