"""Hours of outages, in seconds: see docs/how-to/simulate-outages.md."""

import pytest

from tests.simulation.faults import run
from tests.simulation.scenarios import SCENARIOS, play


@pytest.mark.parametrize("name", SCENARIOS)
def test_nothing_is_lost_dead_or_twice(name: str) -> None:
    assert play(SCENARIOS[name]) == []


def test_a_seed_is_the_same_run_each_time() -> None:
    told: list[list[str]] = [[], []]
    for one in told:
        run(3, hours=0.1, say=one.append)
    assert told[0] == told[1] != []
