"""The services that an application's handlers use; set once, by `create_app`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from flask import Flask, current_app

from riverline.services import Services

Send = Callable[..., None]  # a task's name and its arguments; it returns at once and never raises
_KEY = "riverline"


def keep(app: Flask, services: Services, send: Send) -> None:
    """Puts them into the application."""
    app.extensions[_KEY] = (services, send)


def services() -> Services:
    """The stores."""
    return cast(tuple[Services, Any], current_app.extensions[_KEY])[0]


def send() -> Send:
    """How tasks are sent."""
    return cast(tuple[Any, Send], current_app.extensions[_KEY])[1]
