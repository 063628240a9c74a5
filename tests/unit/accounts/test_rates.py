"""How often somebody may ask."""

from hypothesis import given
from hypothesis import strategies as st

from riverline.accounts.rates import allowance, window_of

MINUTE = 60_000


def test_the_limit_itself_is_allowed_and_one_more_is_not():
    assert not allowance(10, 0, 10, 5 * MINUTE).exceeded
    assert allowance(10, 0, 11, 5 * MINUTE).exceeded


def test_the_window_before_counts_less_the_longer_it_is_over():
    left = [allowance(100, 60, 1, 5 * MINUTE + passed).remaining for passed in (0, 30_000, 59_999)]
    assert left == [39, 69, 98]


def test_waiting_until_the_reset_reaches_the_next_window():
    for passed in (0, 1, 30_000, 59_999):
        now = 5 * MINUTE + passed
        assert window_of(now + allowance(1, 0, 1, now).reset_seconds * 1000) == 6


@given(st.integers(1, 1000), st.integers(0, 1000), st.integers(0, 1000), st.integers(0, MINUTE - 1))
def test_after_the_reset_one_more_is_let_in(limit, previous, let_in, passed):
    now = 7 * MINUTE + passed
    refused = allowance(limit, previous, let_in + 1, now)
    if not refused.exceeded or let_in > limit:
        return
    later = now + refused.reset_seconds * 1000
    counts = {7: (previous, let_in), 8: (let_in, 0)}.get(window_of(later), (0, 0))
    assert not allowance(limit, counts[0], counts[1] + 1, later).exceeded


@given(st.integers(1, 1000), st.integers(0, 1000), st.integers(1, 1000), st.integers(0, MINUTE - 1))
def test_one_request_more_leaves_one_less(limit, previous, current, passed):
    now = 7 * MINUTE + passed
    one, more = (allowance(limit, previous, current + n, now).remaining for n in (0, 1))
    assert one - more == 1
