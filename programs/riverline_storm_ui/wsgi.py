"""What a WSGI server runs: `gunicorn --bind=127.0.0.1:8081 --threads=4 riverline_storm_ui.wsgi:app`."""

from __future__ import annotations

from functools import partial

from riverline.adapters.storm.nimbus import nimbus_client
from riverline.own_hosts import OwnHosts, names_at
from riverline.settings import Settings
from riverline_storm_ui.app import create_app
from riverline_storm_ui.own_figures import OwnFigures, over_http

ANSWER_SECONDS = 15.0  # of Nimbus

settings = Settings.load()
app = create_app(
    partial(nimbus_client, settings.storm.nimbus, ANSWER_SECONDS),
    artifacts=settings.home / "storm" / "workers-artifacts",
    token=settings.storm_ui_token,
    ui_port=int(settings.storm.ui.rpartition(":")[2]),
    own=OwnFigures(settings.storm.topology, partial(over_http, settings.api.site)),
)
app.wsgi_app = OwnHosts(app.wsgi_app, names_at(settings.storm.ui))  # type: ignore[method-assign]
