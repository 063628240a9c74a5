"""Gunicorn's configuration, beside what its command line says: limits, and metrics added up over the processes.

gunicorn --config=python:riverline_api.gunicorn --bind=127.0.0.1:8000 --workers=2 riverline_api.wsgi:app
"""

from __future__ import annotations

import gc
import importlib
import os
import secrets
import shutil
from pathlib import Path
from typing import Any

from riverline.adapters import circuit_breaker
from riverline.adapters.elasticsearch.client_import import import_client
from riverline.settings import Settings

worker_class = "riverline_api.worker.Worker"
http_parser = "python"  # the one that the worker teaches to take an address as it was typed
threads = 8
timeout = 30  # seconds of a request in all, slow clients too; and after which a process that hangs is replaced
max_requests = 200_000  # a process is replaced by a new one now and then
max_requests_jitter = 20_000
limit_request_line = (
    0  # nginx bounds it (ops/riverline_stack/servers/nginx_config.py): more than the 8190 that this server would allow
)
limit_request_fields = 60
limit_request_field_size = 8190

circuit_breaker.share()  # before any worker is forked: what one finds out about a server the others need not

settings = Settings.load()

# Read by prometheus_client when it is imported, in each worker: so it is set before any is forked.
_metrics = Path(os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(settings.home / "api" / "metrics")))

if not settings.api_secret:  # one for all workers, until this host's API starts again
    os.environ["RIVERLINE_API__SECRET"] = secrets.token_urlsafe(32)


def on_starting(_: Any) -> None:
    """Forgets the numbers of processes that ran before."""
    shutil.rmtree(_metrics, ignore_errors=True)
    _metrics.mkdir(parents=True)


def when_ready(_: Any) -> None:
    """Imports what every worker needs, before any is forked: it is in memory once."""
    import_client()
    for module in ("riverline_tasks.app", "riverline_api.app"):
        importlib.import_module(module)
    gc.collect()
    gc.freeze()  # a collection would write to, and so copy, every page that is shared


def child_exit(_: Any, worker: Any) -> None:
    """Forgets the gauges of a process that ended."""
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)
