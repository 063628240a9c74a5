"""What the stack costs when the load is over and nobody uses it, with many topics and with five times as many.

`make soak` runs it at its end, so that the servers are warm and hold what an hour has written. The tables stand in
artefacts/rest-424.md and artefacts/rest-2120.md.
"""

from __future__ import annotations

import os
import time

import pytest

from bench.rest import SECONDS, SETTLING, Usage, measure, populate, table
from riverline.services import Services
from riverline.settings import ROOT, Settings

TOPICS, MANY = 424, 2120
WHOLE = 0.15  # of one core, all programs together,
MORE = 0.05  # that five times as many topics may add to it,
EACH = 0.01  # and of one program, the servers in Java left out
JAVA = ("elasticsearch", "kafka-", "storm-nimbus", "storm-supervisor worker", "storm-supervisor", "zookeeper")

pytestmark = [
    pytest.mark.chaos,
    pytest.mark.integration,
    pytest.mark.skipif(not float(os.environ.get("SOAK_MINUTES", "0")), reason="minutes: make soak"),
]


@pytest.fixture(scope="module")
def resting(stack: Settings, services: Services) -> dict[int, list[Usage]]:
    """The usage by number of topics."""
    found = {}
    for topics in (TOPICS, MANY):
        there = populate(services, topics)
        time.sleep(SETTLING)  # it is the time itself that is tested
        found[topics] = measure(stack, SECONDS)
        (ROOT / "artefacts" / f"rest-{topics}.md").write_text(table(found[topics], there, SECONDS))
    return found


def whole(usages: list[Usage]) -> float:
    return sum(usage.processor for usage in usages)


def test_the_stack_rests(resting: dict[int, list[Usage]]) -> None:
    assert 0 < whole(resting[TOPICS]) <= WHOLE


def test_five_times_as_many_topics_cost_hardly_more(resting: dict[int, list[Usage]]) -> None:
    assert whole(resting[MANY]) <= whole(resting[TOPICS]) + MORE


@pytest.mark.parametrize("topics", [TOPICS, MANY])
def test_no_program_but_those_in_java_takes_much(resting: dict[int, list[Usage]], topics: int) -> None:
    much = {usage.program: usage.processor for usage in resting[topics] if usage.processor > EACH}
    assert [name for name in much if not name.startswith(JAVA) or is_component(name)] == []


def is_component(name: str) -> bool:
    """Spouts and bolts run below Storm's supervisor, and are no Java."""
    return name.endswith(("Spout", "Bolt"))
