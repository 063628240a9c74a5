"""The comparison of two sites."""

from bench.two_sites import compared


class Site:
    def __init__(self, milliseconds: float) -> None:
        self.milliseconds = milliseconds


def test_pairs_are_compared_and_the_first_tenth_is_not_counted() -> None:
    new, old, turn = Site(3.0), Site(2.0), iter(range(100))

    def ask(site: Site) -> float:
        return site.milliseconds * (100 if next(turn) < 4 else 1)  # both are slow at first

    assert compared([new, old], iter([ask] * 20)) == "3.00 | 2.00 | 3.00 | 2.00 | 1.500 | 18"


def test_either_site_is_asked_first_in_turns() -> None:
    asked: list[Site] = []

    def ask(site: Site) -> float:
        asked.append(site)
        return site.milliseconds

    new, old = Site(1.0), Site(1.0)
    compared([new, old], iter([ask] * 20))
    assert asked[:4] == [old, new, new, old]
