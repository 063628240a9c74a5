"""Periodic tasks and a clock that goes back."""

from collections import Counter
from datetime import UTC, datetime, timedelta

import pytest
from celery import Celery, current_app

from riverline_tasks import app as tasks
from riverline_tasks.steady_scheduler import SteadyScheduler

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
EVERY = {"often": {"task": "a", "schedule": 5.0}, "seldom": {"task": "b", "schedule": 60.0}}


class Sent(SteadyScheduler):
    """Counts what it would send, by name."""

    def __init__(self, *args, **options):
        self.sent = Counter()
        super().__init__(*args, **options)

    def apply_entry(self, entry, producer=None):
        self.sent[entry.name] += 1

    def within(self, seconds):
        """What is sent while so many seconds pass."""
        self.sent.clear()
        for _ in range(seconds):
            while self.tick() == 0:
                pass
            self.app.time += timedelta(seconds=1)
        return dict(self.sent)


class Clocked(Celery):
    """Whose time is set."""

    time = NOON

    def now(self):
        return self.time


@pytest.fixture
def app():
    """An application with two periodic tasks, which is the current one: Celery's intervals go by its time."""
    before = current_app._get_current_object()
    made = Clocked("periodic", broker="memory://")
    made.conf.update(timezone="UTC", beat_schedule=EVERY)
    yield made
    before.set_current()


@pytest.mark.parametrize("restarted", [False, True])
def test_tasks_are_sent_as_often_as_before_after_the_clock_went_back(app, tmp_path, restarted):
    app.time = NOON + timedelta(hours=1)
    scheduler = Sent(app, schedule_filename=str(tmp_path / "beat"))
    assert scheduler.within(121) == {"often": 24, "seldom": 2}
    app.time = NOON
    if restarted:
        scheduler.close()
        scheduler = Sent(app, schedule_filename=str(tmp_path / "beat"))
    assert scheduler.within(121) == {"often": 24, "seldom": 2}


def test_this_scheduler_is_the_one_that_runs():
    assert tasks.app.Beat().scheduler_cls == "riverline_tasks.steady_scheduler:SteadyScheduler"
