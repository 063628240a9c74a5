"""How many executors each component of the topology has, from the monitor, which asks Nimbus, to the bolts."""

from __future__ import annotations

from collections.abc import Mapping

import orjson

from riverline.contracts import KeyValue

KEY = "PIPELINE_EXECUTORS"
KEPT_SECONDS = 30 * 86_400.0  # the monitor may be away: what was said last is heeded


def write(key_value: KeyValue, executors: Mapping[str, int], key: str = KEY) -> None:
    """Raises Transient."""
    key_value.put(key, orjson.dumps(dict(executors)), KEPT_SECONDS)


def read(key_value: KeyValue, key: str = KEY) -> dict[str, int]:
    """By component; empty while there is no report. Raises Transient."""
    (data,) = key_value.get([key])
    return {name: int(count) for name, count in orjson.loads(data).items()} if data else {}
