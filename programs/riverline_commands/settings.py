"""`riverline settings`: every setting, its value and what it takes."""

from __future__ import annotations

from riverline.settings import Settings, described
from riverline_commands.console import Json, print_json, table

HIDDEN = "(not shown)"


def settings(json: Json = False) -> None:
    """Lists every setting: its environment variable, its value, and what it takes."""
    loaded, words = Settings.load(), described()
    values = loaded.environment()
    rows = [(name, HIDDEN if name.endswith("PASSWORD") else values.get(name, ""), words[name]) for name in words]
    if json:
        lists = {name: _list(loaded, name) for name in words}
        print_json([{"name": name, "value": lists[name] or value, "takes": takes} for name, value, takes in rows])
    else:
        table(("setting", "value", "what it is"), rows)


def _list(loaded: Settings, name: str) -> list[str]:
    """The values of a setting that takes several."""
    value: object = loaded
    for part in name.removeprefix("RIVERLINE_").lower().split("__"):
        value = getattr(value, part, None)
    return [str(each) for each in value] if isinstance(value, (tuple, list, frozenset)) else []
