"""Serves a program's metrics to Prometheus, on a thread."""

from __future__ import annotations

import threading
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from prometheus_client import CollectorRegistry, make_wsgi_app
from prometheus_client.exposition import ThreadingWSGIServer

from riverline.own_hosts import OwnHosts, names_at


class _Quiet(WSGIRequestHandler):
    def log_message(self, *_: object) -> None:
        """Not a line for each request."""


def serve(registry: CollectorRegistry, host: str, port: int) -> tuple[WSGIServer, threading.Thread]:
    """The running server. On loopback it answers to names of this machine alone. Raises OSError."""
    application = OwnHosts(make_wsgi_app(registry), names_at(host))
    server = make_server(host, port, application, ThreadingWSGIServer, _Quiet)
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    return server, thread
