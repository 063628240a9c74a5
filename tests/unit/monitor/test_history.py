"""The history: thinned, in chunks, continued after a restart."""

from riverline.monitoring.history import CHUNK_MS, MOST_BEHIND, STEP_MS, HistoryRecorder, choice, read
from riverline.monitoring.sample import Sample
from riverline.testing.memory_key_value import MemoryKeyValue

START = 1_760_000_400_000 // CHUNK_MS * CHUNK_MS


def fill(recorder, count, start=START, pause=5_000):
    for number in range(count):
        recorder.add(
            Sample(start + number * pause, {"lag": float(number), "inflow/crawl.a": 1.0, "stage_busy/parse": 0.5})
        )


def test_one_sample_of_each_half_minute_is_kept():
    key_value = MemoryKeyValue()
    fill(HistoryRecorder(key_value), 24)
    found = read(key_value, START, START + CHUNK_MS)
    assert found["lag"] == [(START + n * STEP_MS, n * 6.0) for n in range(4)]


def test_single_topics_are_not_kept():
    key_value = MemoryKeyValue()
    fill(HistoryRecorder(key_value), 1)
    assert set(read(key_value, START, START)) == {"lag", "stage_busy/parse"}


def test_the_lag_of_the_topics_that_are_the_most_behind_is_kept():
    key_value = MemoryKeyValue()
    lags = {f"lag/crawl.{n}": float(n) for n in range(MOST_BEHIND + 3)}
    HistoryRecorder(key_value).add(Sample(START, {"lag": sum(lags.values()), **lags}))
    found = read(key_value, START, START, choice(["lag/*"]))
    assert found == {f"lag/crawl.{n}": [(START, float(n))] for n in range(3, MOST_BEHIND + 3)}


def test_after_a_restart_the_history_goes_on():
    key_value = MemoryKeyValue()
    fill(HistoryRecorder(key_value), 12)
    fill(HistoryRecorder(key_value), 12, START + 60_000)
    assert [at for at, _ in read(key_value, START, START + CHUNK_MS)["lag"]] == [START + n * STEP_MS for n in range(4)]


def test_a_span_over_several_chunks_is_read_whole_and_no_further():
    key_value = MemoryKeyValue()
    fill(HistoryRecorder(key_value), 120, pause=30_000)
    found = read(key_value, START + 5 * 60_000, START + 55 * 60_000)["lag"]
    assert (found[0][0], found[-1][0], len(found)) == (START + 5 * 60_000, START + 55 * 60_000, 101)


def test_series_are_chosen_by_name_or_with_all_their_subjects():
    takes = choice(["lag", "stage_busy/*"])
    assert [takes(name) for name in ("lag", "lag/crawl.a", "stage_busy/parse", "stage_busy")] == [
        True,
        False,
        True,
        False,
    ]
