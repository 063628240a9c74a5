"""What a WSGI server runs: `gunicorn -c api/gunicorn.py api.wsgi:app`."""

from __future__ import annotations

import importlib

from api.app import create_app
from api.metrics import TASKS_DROPPED
from riverline import logs
from riverline.assembly import assemble
from riverline.settings import Settings
from tasks.sender import Sender, celery_deliver

# Clients that are slow to import are imported now, not by the first request.
for module in ("elasticsearch", "tasks.app"):
    importlib.import_module(module)

logs.configure()
settings = Settings.load()
sender = Sender(celery_deliver(), lambda name: TASKS_DROPPED.labels(name).inc())
app = create_app(assemble(settings), sender, guarded=True)
