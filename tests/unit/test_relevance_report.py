"""The section of figures that bench.relevance writes."""

from dataclasses import replace

import pytest

from bench import semantic_report
from bench.metrics import Difference, Measures
from bench.relevance_report import TITLE, Row, line, placed, section, summary

PAGE = "# Results\n\nWhat was shown.\n\n## Newest\n\nfigures\n\n## Older\n\nmore\n"


def row(name: str, ours: float, best: float, chance: float) -> Row:
    plain = {one: Measures(best - (0.1 if one != "ko" else 0), 0.5, 0.5, 9) for one in ("en", "ko", "std", "cjk")}
    return Row(name, 40, Measures(ours, 0.5, 0.5, 9), plain, "ko", Difference(5, 2, chance))


ROWS = [row("titles", 0.66, 0.6, 0.01), row("words", 0.57, 0.6, 0.4)]


def test_a_row_names_the_best_single_analyser_and_the_difference_to_it():
    assert line(ROWS[0]) == "| titles | 40 | 9 | 0.660 | 0.500 | 0.600 | 0.500 | 0.500 | ko | +10.0% | 0.010 |"


def test_the_summary_counts_what_is_higher_and_lower_by_more_than_chance():
    told = summary(ROWS)
    assert "+2.5% on average" in told and "1 are higher, 1 of them" in told and "1 are lower, 0 of them" in told
    assert "The least is words with -5.0%" in told


def test_a_section_that_stands_is_replaced_and_nothing_else():
    first = placed(PAGE, section(ROWS, "a command", "2026-01-01"))
    again = placed(first, section(ROWS[:1], "a command", "2026-02-01"))
    assert first.count(TITLE) == again.count(TITLE) == 1
    assert "2026-01-01" not in again and "| words |" not in again
    assert again.replace(again[again.index(TITLE) : again.index("## Newest")], "") == PAGE


@pytest.mark.parametrize("page", [PAGE, placed(PAGE, section(ROWS, "c", "d"))])
def test_writing_twice_is_writing_once(page):
    made = section(ROWS, "a command", "2026-01-01")
    assert placed(placed(page, made), made) == placed(page, made)


MEANT = [
    replace(one, name=name, semantic=Measures(ndcg, 0.5, 0.5, 9), moved=Difference(3, 1, chance))
    for one, name, ndcg, chance in ((ROWS[0], "demo-ko-title", 0.693, 0.01), (ROWS[1], "cranfield", 0.5643, 0.4))
]


def test_ranking_by_meaning_has_a_section_of_its_own_beside_the_other():
    page = placed(PAGE, section(ROWS, "a command", "2026-01-01"))
    both = placed(page, semantic_report.section(MEANT, "a command", "2026-01-01"))
    assert both.count(TITLE) == both.count(semantic_report.TITLE) == 1
    assert "| demo-ko-title | 9 | 0.660 | 0.693 | +5.0% | 0.010 |" in both
    assert "+2.0% on average (Korean +5.0%, English -1.0%)" in " ".join(both.split())
    assert "1 are lower, 0 of them" in " ".join(both.split())
