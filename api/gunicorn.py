"""Gunicorn's configuration, beside what its command line says: limits, and metrics added up over the processes.

gunicorn --config=python:api.gunicorn --bind=127.0.0.1:8000 --workers=2 api.wsgi:app
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Any

from riverline.settings import Settings

worker_class = "gthread"
threads = 8
max_requests = 200_000  # a process is replaced by a new one now and then
max_requests_jitter = 20_000
limit_request_line = 0  # nginx bounds it (stack/front.py): more than the 8190 that this server would allow
limit_request_fields = 60
limit_request_field_size = 8190

# Read by prometheus_client when it is imported, in each worker: so it is set before any is forked.
_metrics = Path(os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(Settings.load().home / "run" / "metrics-api")))


def on_starting(_: Any) -> None:
    """Forgets the numbers of processes that ran before."""
    shutil.rmtree(_metrics, ignore_errors=True)
    _metrics.mkdir(parents=True)


def child_exit(_: Any, worker: Any) -> None:
    """Forgets the gauges of a process that ended."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)
