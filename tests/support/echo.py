"""An application that says what reached it: `gunicorn … tests.support.echo:app`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qs

import orjson


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Its path and its parameters; `/broken` has a header that cannot be sent, `/fails` raises, `/read` reads all."""
    path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
    if path == "/read":
        environ["wsgi.input"].read()
    if path == "/fails":
        raise ValueError("told to")
    headers = [("Content-Type", "application/json")] + ([("X-Broken", "a\r\nb")] if path == "/broken" else [])
    start_response("200 OK", headers)
    return [orjson.dumps({"path": path, "query": parse_qs(environ["QUERY_STRING"])})]
