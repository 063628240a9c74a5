"""The application: resources, pages, documentation, health and metrics, around the services it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

import orjson
from flask import Response
from flask.json.provider import JSONProvider
from flask_openapi3 import Info, OpenAPI

from riverline.accounts.tokens import Recognition
from riverline.health import Check, checks_of
from riverline.services import Services
from riverline_api import context, metrics
from riverline_api.docs import docs
from riverline_api.http import access, bodies, cors, idempotency, lean_path, problems, requests, signing
from riverline_api.http.requests import lean_operation
from riverline_api.resources import health, impressions, suggest
from riverline_api.resources.alerts import alerts
from riverline_api.resources.clicks import clicks
from riverline_api.resources.dead_letters import dead_letters
from riverline_api.resources.fates import fates
from riverline_api.resources.outbox import outbox
from riverline_api.resources.own_account import own_account
from riverline_api.resources.pipeline import pipeline
from riverline_api.resources.pipeline_history import pipeline_history
from riverline_api.resources.posts import posts, timeline
from riverline_api.resources.removals import removals
from riverline_api.resources.search import find, search
from riverline_api.resources.statistics import statistics
from riverline_api.resources.targets import targets
from riverline_api.resources.users import users
from riverline_api.web import site

DESCRIPTION = (
    "A feed and a search engine in one. Times are RFC 3339 in UTC; errors are problems (RFC 9457); lists are pages "
    "with an opaque `next_cursor`; unknown parameters are refused."
)
RESOURCES = (
    search,
    clicks,
    pipeline,
    pipeline_history,
    dead_letters,
    outbox,
    statistics,
    fates,
    users,
    own_account,
    posts,
    targets,
    alerts,
    removals,
)
LEAN = {"/api/v1/posts": lean_operation(timeline), "/api/v1/search": lean_operation(find)}
TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "`POST /api/v1/users`, or `POST /api/v1/tokens` for a mailed link, gives the first one, "
    "`POST /api/v1/me/tokens` more",
}


class Application(OpenAPI):
    """All handlers are plain functions: Flask would look at each, at each request, for one that is a coroutine."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        return func


class FastJson(JSONProvider):
    """JSON by orjson."""

    def dumps(self, obj: Any, **_: Any) -> str:
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> Any:
        body = orjson.dumps(self._prepare_response_obj(args, kwargs))
        return Response(body, mimetype="application/json")


def create_app(
    services: Services,
    send: context.Send | None = None,
    checks: Mapping[str, Check] | None = None,
    guarded: bool = False,
    secret: str = "",
) -> OpenAPI:
    """A Flask application. Without `send` no tasks are sent; `checks` replaces those of the real servers.

    `guarded`: tokens are required and requests are limited. Otherwise anyone may do anything: for tests only.
    `secret`: what all processes of the site sign with.
    """
    app = Application(
        __name__,
        info=Info(title="Riverline", version=version("riverline"), description=DESCRIPTION),
        validation_error_status=422,
        validation_error_model=problems.Problem,
        validation_error_callback=problems.refused,
        security_schemes={"token": TOKEN},
        doc_ui=False,
        static_folder=None,
    )
    app.json = FastJson(app)
    context.keep(app, services, send or (lambda *_: None))
    signer = signing.Signer(secret)
    signing.keep(app, signer)
    recognition = Recognition(services.tokens, services.now_ms)
    wanted = services.settings.api
    limits = access.RequestLimits(wanted.token_per_minute, wanted.address_per_minute)
    guard = access.Guard(recognition, limits) if guarded else None
    if guard:
        lean_path.register(app, guard, LEAN, bool(wanted.origins))
    requests.register(app, signer)
    metrics.register(app)
    problems.register(app)
    cors.register(app, wanted.origins)
    if guard:
        access.register(app, guard)
    bodies.register(app)
    idempotency.register(app)
    impressions.register(app, lambda: services.key_value)
    for resource in RESOURCES:
        app.register_api(resource)
    suggest.register(app)
    health.register(app, checks if checks is not None else checks_of(services.settings, services.elasticsearch))
    app.register_blueprint(docs)
    site.register(app, recognition)
    return app
