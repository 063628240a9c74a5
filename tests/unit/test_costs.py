"""The costs of requests: what is asked, what is told of them."""

from __future__ import annotations

import random
from collections.abc import Iterator

import pytest

from bench.cost_requests import PIECES, RUNS, Candidate, Request, filled, texts
from bench.cost_scene import query, whose
from bench.costs import MEASURED, Cost, Meter, Row, compare, line, section

SEARCH = ("GET", "/api/v1/search")


@pytest.mark.parametrize("kind", [*PIECES, *RUNS])
@pytest.mark.parametrize("length", [1, 35, 4000])
def test_a_text_is_as_long_as_it_may_be(kind: str, length: int) -> None:
    made = filled(kind, length, random.Random(1))
    assert length - 60 < len(made) <= length and made.strip()


@pytest.mark.parametrize(
    ("name", "length", "sizes"), [("q", 4000, {4000, 400}), ("q", 100, {100}), ("series", 2000, {2000})]
)
def test_queries_are_tried_at_their_bound_and_far_below(name: str, length: int, sizes: set[int]) -> None:
    assert {size for _, size in texts(name, length)} == sizes


def test_no_usual_query_is_asked_twice() -> None:
    assert len({query(number) for number in range(2000)}) == 2000


@pytest.mark.parametrize(
    ("path", "who"),
    [
        ("/api/v1/search", "admin"),
        ("/api/v1/search/suggest", ""),
        ("/api/v1/tokens", ""),
        ("/api/v1/me/tokens", "user"),
        ("/api/v1/removals", "admin"),
    ],
)
def test_each_operation_is_asked_by_who_may(path: str, who: str) -> None:
    assert whose(("GET", path)) == who


class Told(Meter):
    """Costs as the notes say."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, float]] = []

    def cost(self, candidate: Candidate, seconds: float) -> Cost:
        self.asked.append((candidate.note, seconds))
        return Cost(candidate.note, float(candidate.note), 200, {"mysql": 1.0})


def candidates(*costs: str) -> Iterator[Candidate]:
    return (Candidate(cost, lambda n: [Request("GET", "/")] * n) for cost in costs)


def test_the_dearest_are_measured_once_more_and_the_heaviest_is_told() -> None:
    meter = Told()
    (usual,) = candidates("2")
    row = compare(meter, SEARCH, usual, candidates("1", "50", "3", "40", "30", "20"))
    assert (row.usual.milliseconds, row.heaviest.milliseconds, row.ratio) == (2, 50, 25)
    assert sorted(note for note, seconds in meter.asked if seconds == MEASURED) == ["2", "40", "50"]


def test_where_nothing_is_heavier_the_usual_one_is_the_heaviest() -> None:
    (usual,) = candidates("5")
    assert compare(Told(), SEARCH, usual, candidates("1")).ratio == 1


def test_the_table_has_the_worst_first_and_says_how_many_are_too_dear() -> None:
    rows = [
        Row(("GET", f"/api/v1/{name}"), Cost("usual", 1, 200, {"api": 1}), Cost("long", ratio, 200, {"api": 1}))
        for name, ratio in (("a", 3), ("b", 21))
    ]
    made = section(rows, "9 documents.")
    assert made.index("GET /b") < made.index("GET /a")
    assert "1 of them cost more than 20 times as much" in " ".join(made.split())
    assert line(rows[0]) == "| GET /a | 1.0 (200) | 3.0 (200) | 3.0 | long | api |"
