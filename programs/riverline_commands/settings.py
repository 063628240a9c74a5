"""`riverline settings`: every setting, what it is now and what it takes."""

from __future__ import annotations

from riverline.settings import Settings, described
from riverline_commands.console import Json, print_json, table

HIDDEN = "(not shown)"


def settings(json: Json = False) -> None:
    """Lists every setting: its environment variable, its value, and what it takes."""
    values, words = Settings.load().environment(), described()
    rows = [(name, HIDDEN if name.endswith("PASSWORD") else values.get(name, ""), words[name]) for name in words]
    if json:
        print_json([dict(zip(("name", "value", "takes"), row, strict=True)) for row in rows])
    else:
        table(("setting", "value", "what it is"), rows)
