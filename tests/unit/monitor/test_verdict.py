"""Whether processing keeps up, in one verdict."""

import pytest

from riverline.monitoring.sample import Sample
from riverline.monitoring.verdict import PipelinePace, PipelineVerdict, verdict
from riverline.stages import STAGES, StageState, progress

NOW = 1_760_000_000_000


def stages(done=10.0, failing="", but="", holding="index"):
    return progress(
        StageState(
            name,
            0,
            NOW,
            rates={"acked": done, "failed": float(name == failing)},
            gauges={"in_flight": float(name == holding)},
        )
        for name in STAGES
        if name != but
    )


def sample(down=(), at=NOW, **values):
    return Sample(at, values, dict(down))


@pytest.mark.parametrize(
    ("lag", "values", "pace", "seconds"),
    [
        (0, {}, PipelinePace.KEEPING_UP, 0.0),
        (40, {"inflow": 90.0, "throughput": 10.0}, PipelinePace.KEEPING_UP, None),
        (500, {"inflow": 10.0, "throughput": 60.0}, PipelinePace.KEEPING_UP, 10.0),
        (6_000, {"inflow": 10.0, "throughput": 20.0}, PipelinePace.BEHIND, 600.0),
        (6_000, {"inflow": 20.0, "throughput": 20.0}, PipelinePace.BEHIND, None),
    ],
)
def test_it_is_behind_when_the_backlog_is_not_gone_soon(lag, values, pace, seconds):
    assert verdict(lag, stages(), sample(**values), NOW) == PipelineVerdict(pace, lag, seconds)


def test_without_a_monitor_the_spout_tells_how_fast_it_goes():
    assert verdict(6_000, stages(done=10.0), None, NOW) == PipelineVerdict(PipelinePace.BEHIND, 6_000, 600.0)


@pytest.mark.parametrize(
    ("given", "stage", "reason"),
    [
        ([], "", "silent"),
        (stages(but="parse"), "parse", "silent"),
        (stages(done=0.0, failing="tag"), "tag", "errors"),
        (stages(done=0.0), "index", "stalled"),
        (stages(done=0.0, holding=""), "pages", "stalled"),
    ],
)
def test_it_stands_where_a_stage_is_silent_or_finishes_nothing(given, stage, reason):
    found = verdict(500, given, sample(), NOW)
    assert (found.pace, found.stage, found.reason) == (PipelinePace.STOPPED, stage, reason)


def test_a_server_that_is_needed_and_away_stops_it_with_what_it_says():
    found = verdict(0, stages(), sample({"mysql-replica": "x", "topology": "it is not submitted"}), NOW)
    assert (found.stage, found.reason, found.detail) == ("topology", "server", "it is not submitted")
    assert verdict(0, stages(), sample({"mysql-replica": "x"}), NOW).pace is PipelinePace.KEEPING_UP


def test_what_the_monitor_said_long_ago_counts_no_more():
    old = sample({"kafka": "away"}, at=NOW - 61_000)
    assert verdict(0, stages(), old, NOW).pace is PipelinePace.KEEPING_UP
