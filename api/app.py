"""The application: resources, pages, documentation, health and metrics, around the services it is given."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.metadata import version
from typing import Any

import orjson
from flask.json.provider import JSONProvider
from flask_openapi3 import Info, OpenAPI

from api import access, context, health, idempotency, metrics, problems, requests, shown, suggest
from api.alerts import alerts
from api.clicks import clicks
from api.dead_letters import dead_letters
from api.docs import docs
from api.fates import fates
from api.pipeline import pipeline
from api.pipeline_history import pipeline_history
from api.posts import posts
from api.search import search
from api.statistics import statistics
from api.targets import targets
from api.users import users
from api.web import site
from riverline.access.tokens import Recognition
from riverline.assembly import Services
from riverline.health import Check, checks_of

DESCRIPTION = (
    "A feed and a search engine in one. Times are RFC 3339 in UTC; errors are problems (RFC 9457); lists are pages "
    "with an opaque `next_cursor`; parameters that are not described are refused."
)
TOKEN = {
    "type": "http",
    "scheme": "bearer",
    "description": "`POST /api/v1/users` gives the first one, `riverline token create` more",
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
        return self._app.response_class(body, mimetype="application/json")


def create_app(
    services: Services,
    send: context.Send | None = None,
    checks: Mapping[str, Check] | None = None,
    guarded: bool = False,
) -> OpenAPI:
    """A Flask application. Without `send` no tasks are sent; `checks` replaces those of the real servers.

    `guarded`: tokens are asked for and requests counted. Otherwise everybody may do everything: for tests alone.
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
    requests.register(app)
    metrics.register(app)
    problems.register(app)
    recognition = Recognition(services.tokens, services.now_ms)
    if guarded:
        wanted = services.settings.api
        limits = access.Limits(wanted.token_per_minute, wanted.address_per_minute)
        access.register(app, recognition, limits)
    idempotency.register(app)
    shown.register(app, lambda: services.scratch)
    for resource in (
        search,
        clicks,
        pipeline,
        pipeline_history,
        dead_letters,
        statistics,
        fates,
        users,
        posts,
        targets,
        alerts,
    ):
        app.register_api(resource)
    suggest.register(app)
    health.register(app, checks if checks is not None else checks_of(services.settings))
    app.register_blueprint(docs)
    site.register(app, recognition)
    return app
