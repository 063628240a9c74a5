"""`/docs`: the description of the API in Swagger UI, and `/openapi.json`. Every asset is served from here."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import flask_openapi3_swagger
from flask import Blueprint, Response, current_app, jsonify, send_from_directory

from riverline.security_headers import POLICY
from riverline_api.http.access import describe
from riverline_api.web.layout import page

ASSETS = Path(flask_openapi3_swagger.__file__).parent / "templates" / "swagger"
FILES = ("css/swagger-ui.css", "js/swagger-ui-bundle.js", "images/swagger.svg")

docs = Blueprint("docs", __name__, template_folder="templates")


@docs.get("/openapi.json")
def description() -> Response:
    """The API in OpenAPI 3.1."""
    return jsonify(described())


def described() -> dict[str, Any]:
    """The description, with what each operation takes."""
    document: dict[str, Any] = current_app.api_doc  # type: ignore[attr-defined]
    describe(document)  # twice is once
    return document


@docs.get("/docs", strict_slashes=False)
def shown() -> Response:
    """Swagger UI. It sets styles on elements, which its page's policy has to allow."""
    answer = page("docs.html")
    answer.headers["Content-Security-Policy"] = f"{POLICY}; style-src 'self' 'unsafe-inline'"
    return answer


@docs.get("/docs/start.js")
def start() -> Response:
    """What starts Swagger UI: a file, since the policy forbids scripts in the page."""
    script = 'SwaggerUIBundle({url: "/openapi.json", dom_id: "#ui", deepLinking: true, validatorUrl: null});\n'
    return Response(script, mimetype="text/javascript")


@docs.get("/docs/<path:name>")
def asset(name: str) -> Response:
    """A file of Swagger UI."""
    return send_from_directory(ASSETS, name if name in FILES else "absent", max_age=86_400)
