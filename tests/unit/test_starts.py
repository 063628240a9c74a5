"""The table of starts."""

from __future__ import annotations

from bench.starts import Start, table


def test_each_start_has_a_row() -> None:
    lines = table([Start(61.4, 0.0031), Start(58.0, 0.66)], 60.0).splitlines()
    assert lines[-2:] == ["| 1 | 61 | 0.31% |", "| 2 | 58 | 66.00% |"]
