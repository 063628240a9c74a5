"""What is remembered of the samples."""

from riverline.monitoring.sample import Sample
from riverline_monitor.window import SampleWindow

SECOND = 1000


def remembering(samples: dict[int, dict[str, float]], **seconds: float) -> SampleWindow:
    window = SampleWindow(seconds)
    for at, values in samples.items():
        window.add(Sample(at * SECOND, values, {}))
    return window


def test_a_series_is_remembered_for_as_long_as_its_name_is_looked_at():
    window = remembering({at: {"lag": float(at), "cpu": float(at)} for at in range(0, 100, 5)}, lag=60, cpu=10)
    assert window.measured("lag", "", "grown", 600) == 60
    assert window.measured("cpu", "", "grown", 600) == 10


def test_a_subject_that_the_newest_sample_lacks_is_not_known_now():
    window = remembering({0: {"lag/one": 1.0, "lag/two": 2.0}, 5: {"lag/one": 3.0}}, lag=60)
    assert window.measured("lag", "two", "last", 60) is None
    assert window.subjects("lag") == ["one", "two"]
    window.add(Sample(66 * SECOND, {"lag/one": 4.0}, {}))
    assert window.subjects("lag") == ["one"]


def test_of_a_name_that_is_looked_at_in_sum_the_sum_alone_is_remembered():
    window = SampleWindow({"lag": 60, "cpu": 60}, {"lag"})
    window.add(Sample(0, {"lag": 3.0, "lag/one": 3.0, "cpu/a": 1.0}, {}))
    assert (window.subjects("lag"), window.subjects("cpu")) == ([""], ["a"])
