"""How soon a page is looked at again."""

from itertools import accumulate, repeat

from riverline.crawl.revisits import LONGEST, SHORTEST, first_interval, next_interval


def test_a_page_that_changes_is_looked_at_sooner_and_one_that_does_not_later() -> None:
    assert next_interval(86_400, changed=True) == 43_200
    assert next_interval(86_400, changed=False) == 129_600


def test_the_interval_stays_between_an_hour_and_two_weeks() -> None:
    assert list(accumulate(repeat(True, 40), next_interval, initial=first_interval(60)))[-1] == SHORTEST == 3_600
    assert list(accumulate(repeat(False, 40), next_interval, initial=60))[-1] == LONGEST == 1_209_600
