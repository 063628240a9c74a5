"""What a WSGI server runs: `gunicorn -c api/riverline_api/gunicorn.py riverline_api.wsgi:app`."""

from __future__ import annotations

import importlib

from riverline import logs
from riverline.adapters.elasticsearch.client_import import import_client
from riverline.own_hosts import OwnHosts
from riverline.services import assemble
from riverline.settings import Settings
from riverline_api.app import create_app
from riverline_api.metrics import TASKS_DROPPED
from riverline_tasks.sender import Sender, celery_deliver

# Clients that are slow to import are imported now, not by the first request.
import_client()
importlib.import_module("riverline_tasks.app")

logs.configure()
settings = Settings.load()
sender = Sender(celery_deliver(), lambda name: TASKS_DROPPED.labels(name).inc())
app = create_app(assemble(settings, hurried=True), sender, guarded=True, secret=settings.api_secret)
app.wsgi_app = OwnHosts(app.wsgi_app, settings.api.names)  # type: ignore[method-assign]
