"""The Celery application. `celery -A riverline_tasks.app worker` runs its tasks, `celery -A riverline_tasks.app beat`
the periodic ones.

A task is acknowledged when it has run (`acks_late`): one whose worker died runs again, so every task may run twice.
"""

from __future__ import annotations

import gc
import time
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import before_task_publish, worker_before_create_process
from kombu import Queue

from riverline import logs
from riverline.adapters.redis.celery_queues import EVERYTHING, LONG, QUEUES, TIMELINES
from riverline.settings import Settings

VISIBILITY_SECONDS = 120  # longer than the longest task: a worker that died silently gives its tasks back after this
LONGEST_TASK_SECONDS = 90
SWEEP_SECONDS = 5.0  # between two looks for jobs that nothing was heard of for 10 s
VECTORS_SECONDS = 4.0  # between two looks for documents without a vector; a turn takes half of it at most
BACKUPS = "backups"  # a queue that only a worker on the servers' machine may take from

logs.configure()
settings = Settings.load()

app = Celery(
    "riverline",
    broker=settings.celery.url,
    include=[
        "riverline_tasks.accounts",
        "riverline_tasks.backups",
        "riverline_tasks.searches",
        "riverline_tasks.timelines",
        "riverline_tasks.upkeep",
        "riverline_tasks.vectors",
        "riverline_tasks.words",
    ],
)
app.conf.update(
    task_serializer="json",
    accept_content=["json"],
    task_ignore_result=True,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_time_limit=LONGEST_TASK_SECONDS,
    worker_prefetch_multiplier=4,
    worker_concurrency=settings.celery.concurrency,
    worker_max_tasks_per_child=10_000,
    worker_hijack_root_logger=False,
    worker_send_task_events=False,
    broker_connection_retry_on_startup=True,
    broker_transport_options={
        "visibility_timeout": VISIBILITY_SECONDS,
        "polling_interval": 5,  # seconds that Redis keeps a question for tasks: one that comes is answered at once
        "unacked_restore_interval": 5,
        "unacked_restore_throttle": 1,
        "socket_connect_timeout": 2,
        "socket_timeout": 10,
        "socket_keepalive": True,
        "health_check_interval": 10,
    },
    task_queues=[Queue(name) for name in (*QUEUES, BACKUPS)],
    task_default_queue=EVERYTHING,
    task_routes={
        "tasks.deliver": {"queue": TIMELINES},
        "tasks.deliver_rest": {"queue": LONG},
        "tasks.back_up": {"queue": BACKUPS},
    },
    timezone="UTC",
    beat_scheduler="riverline_tasks.steady_scheduler:SteadyScheduler",
    beat_schedule_filename=str(settings.home / "celery" / "beat"),
    beat_schedule={
        "sweep-outbox": {"task": "tasks.sweep_outbox", "schedule": SWEEP_SECONDS},
        "purge-outbox": {"task": "tasks.purge_outbox", "schedule": 60.0},
        "reconcile-timelines": {"task": "tasks.reconcile_timelines", "schedule": 60.0},
        "refresh-popular": {"task": "tasks.refresh_popular", "schedule": 8.0},
        "read-words": {"task": "tasks.read_words", "schedule": 45.0},
        "repair-clicks": {"task": "tasks.repair_clicks", "schedule": 60.0},
        "repair-all-clicks": {
            "task": "tasks.repair_clicks",
            "args": (None,),
            "schedule": crontab(minute="23", hour="3"),
        },
        "drop-outdated-fates": {"task": "tasks.drop_outdated_fates", "schedule": crontab(minute="7", hour="*")},
        "forget-logins": {"task": "tasks.forget_logins", "schedule": crontab(minute="47", hour="*")},
        "keep-down": {"task": "tasks.keep_down", "schedule": 60.0},
        "forget-searches": {"task": "tasks.forget_searches", "schedule": crontab(minute="37", hour="*")},
    },
)

if settings.backup.hour >= 0:
    daily = crontab(minute="30", hour=str(settings.backup.hour))
    app.conf.beat_schedule["back-up"] = {"task": "tasks.back_up", "schedule": daily}


if settings.search.semantic:
    app.conf.beat_schedule["make-vectors"] = {"task": "tasks.make_vectors", "schedule": VECTORS_SECONDS}


@before_task_publish.connect
def stamp(headers: dict[str, Any], **_: Any) -> None:
    """Tells every task when it was first sent: the monitor sees how long the oldest has waited."""
    headers.setdefault("sent_at", time.time_ns() // 1_000_000)


@worker_before_create_process.connect
def share(**_: Any) -> None:
    """Keeps collections of a process that runs tasks from writing to, and so copying, what it shares with this one."""
    gc.collect()
    gc.freeze()
