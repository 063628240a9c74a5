"""Programs are started after those that they depend on, side by side where they can be."""

from __future__ import annotations

import threading

import pytest

from riverline.errors import Fatal
from riverline_stack.supervision.dependency_order import dependencies, in_order, reversed_
from riverline_stack.supervision.program import Program


def program(name: str, *after: str) -> Program:
    return Program(name, [], ready=lambda: None, after=after)


def order_of(graph: dict[str, set[str]]) -> list[str]:
    done: list[str] = []
    in_order(graph, done.append)
    return done


def test_each_comes_after_those_that_it_needs() -> None:
    done = order_of({"c": {"b"}, "b": {"a"}, "a": set(), "d": {"a", "c"}})
    assert done == ["a", "b", "c", "d"]


def test_what_does_not_depend_on_each_other_runs_side_by_side() -> None:
    meeting = threading.Barrier(3, timeout=10)
    in_order({"a": set(), "b": set(), "c": set()}, lambda _: meeting.wait())


def test_after_a_failure_only_what_needs_it_is_left_out() -> None:
    done: list[str] = []

    def act(name: str) -> None:
        if name == "broken":
            raise ValueError("it broke")
        done.append(name)

    with pytest.raises(Fatal, match="broken: it broke"):
        in_order({"broken": set(), "needs it": {"broken"}, "other": set(), "needs other": {"other"}}, act)
    assert done == ["other", "needs other"]


def test_programs_that_wait_for_each_other_are_named() -> None:
    with pytest.raises(Fatal, match="wait for each other: a, b"):
        in_order({"a": {"b"}, "b": {"a"}}, lambda _: None)


def test_dependencies_on_programs_that_are_not_there_are_left_out() -> None:
    assert dependencies([program("api", "mysql", "elsewhere"), program("mysql")]) == {"api": {"mysql"}, "mysql": set()}


def test_the_reversed_order_stops_dependants_first() -> None:
    graph = dependencies([program("api", "mysql"), program("mysql"), program("nginx", "api")])
    assert order_of(reversed_(graph)) == ["nginx", "api", "mysql"]
