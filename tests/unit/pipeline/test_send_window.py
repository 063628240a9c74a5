"""The window of the spout: what may be in flight follows from what was finished."""

from riverline.pipeline.send_window import SendWindow


def finished(window: SendWindow, start: float, rate: float, seconds: float) -> float:
    """So many a second for so long. Returns the time after it."""
    for number in range(int(rate * seconds)):
        window.finish(start + number / rate)
    return start + seconds


def test_it_begins_with_the_least_and_doubles_with_each_round_trip():
    window, limits = SendWindow(wait=15, least=4, most=100), []
    for trip in range(7):
        limits.append(window.limit(trip))
        for _ in range(limits[-1]):
            window.finish(trip + 0.5)
    assert limits == [4, 4, 8, 16, 32, 64, 100]


def test_it_holds_what_is_finished_within_a_bearable_wait():
    for rate, limit in ((0.2, 4), (1, 15), (4, 60), (300, 250)):
        window = SendWindow(wait=15, least=4, most=250)
        assert window.limit(finished(window, 0, rate, 60)) in (limit, limit - 1)


def test_it_closes_while_nothing_is_finished_and_opens_again():
    window = SendWindow(wait=15, least=4, most=250)
    now = finished(window, 0, 100, 30)
    assert window.limit(now) == 250
    assert window.limit(now + 15) == 4
    now = finished(window, now + 600, 100, 1)
    assert window.limit(now) == 100


def test_the_least_is_never_above_the_most():
    assert SendWindow(wait=15, least=8, most=3).limit(0) == 3
