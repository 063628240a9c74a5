"""What the topology's tasks say of themselves, as the site's API has it, beside what Storm says of them.

Storm times a tuple of a Python component from the moment it is written to the process, so that what waits there counts
too, takes such a component for idle, and finds no lag of a Python spout.
"""

from __future__ import annotations

import contextlib
import http.client
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask import current_app

from riverline.errors import Transient

OWN = "riverline-own-figures"
SECONDS = 3.0  # for an answer
TIMED = ("deduplicate", "parse", "tag")  # whose steps are a tuple's alone: the index writes many at once
MOST_TOPICS = 50  # on a page


@dataclass(frozen=True)
class OwnFigures:
    """`ask` gives the answer of `/api/v1/pipeline`, or raises Transient: about the topology of that name alone."""

    topology: str
    ask: Callable[[], Mapping[str, Any]]

    def of(self, topology: str) -> Mapping[str, Any] | None:
        """Raises Transient. None for another topology."""
        return self.ask() if topology == self.topology else None


def over_http(address: str) -> Mapping[str, Any]:
    """Asks the site at host:port. Raises Transient."""
    try:
        with contextlib.closing(http.client.HTTPConnection(address, timeout=SECONDS)) as connection:
            connection.request("GET", "/api/v1/pipeline", headers={"Accept": "application/json"})
            answer = connection.getresponse()
            if answer.status != 200:
                raise Transient(f"the site answers {answer.status}")
            found: Mapping[str, Any] = json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Transient(f"the site does not say: {error or type(error).__name__}") from error
    return found


def own(topology: str) -> tuple[Mapping[str, Any] | None, str]:
    """What is known of a topology by name, and why it is not where it is not."""
    figures: OwnFigures | None = current_app.extensions[OWN]
    try:
        return (figures.of(topology) if figures else None), ""
    except Transient as error:
        return None, str(error)


def steps(found: Mapping[str, Any], executors: Mapping[str, int]) -> list[dict[str, Any]]:
    """By component: tuples a second, milliseconds of a step, and the share of the time that its executors work."""
    rows = []
    for stage in found["stages"]:
        name, timed = stage["name"], stage["name"] in TIMED and stage["latency_ms"] is not None
        busy = stage["done_rate"] * (stage["latency_ms"] or 0) / 1000 / max(executors.get(name, 1), 1)
        rows.append(
            {
                "component": name,
                "rate": f"{stage['done_rate']:.1f}",
                "step": f"{stage['latency_ms']:.1f}" if timed else "",
                "p99": f"{stage['p99_ms']:.1f}" if timed else "",
                "busy": f"{min(busy, 1.0):.3f}" if timed else "",
                "lag": "" if stage["lag"] is None else stage["lag"],
            }
        )
    return rows


def lags(found: Mapping[str, Any], spout: str) -> dict[str, Any]:
    """`/api/v1/topology/{id}/lag`, in Storm UI's form. Partitions of a topic are told together."""
    by_topic = {
        each["topic"]: {
            "all": {
                "consumerCommittedOffset": each["committed"],
                "partitionLatestOffset": each["written"],
                "lag": each["lag"],
            }
        }
        for each in found["topics"]
    }
    return {spout: {"spoutId": spout, "spoutType": "KAFKA", "spoutLagResult": by_topic}}
