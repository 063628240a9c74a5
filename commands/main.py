"""The command `riverline`: each module beside this one that is named here is a command or a group of commands.

A group's module has `app`, a Typer; a command's module has a function with the command's name.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys

import typer

from commands.console import progress
from riverline import logs
from riverline.errors import RiverlineError

COMMANDS = (
    "stack",
    "deploy",
    "doctor",
    "crawl",
    "targets",
    "topics",
    "replay",
    "reindex",
    "mysql",
    "fates",
    "audit",
    "settings",
    "synonyms",
    "stats",
    "backup",
    "token",
    "timeline",
    "alerts",
    "load-demo",
)


def application() -> typer.Typer:
    """The command line with all commands whose modules are there."""
    app = typer.Typer(
        name="riverline", help=_HELP, no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False
    )
    for name in COMMANDS:
        module_name = name.replace("-", "_")
        if importlib.util.find_spec(f"commands.{module_name}") is None:
            continue
        module = importlib.import_module(f"commands.{module_name}")
        if hasattr(module, "app"):
            app.add_typer(module.app, name=name)
        else:
            app.command(name)(getattr(module, module_name))
    return app


_HELP = "Riverline: a feed and a search engine in one system."


def main() -> None:
    """Runs the command line. The exit code is 0 when all is well, 1 on a problem, 2 on a wrong command line."""
    logs.configure()
    try:
        application()()
    except RiverlineError as error:
        progress.print(str(error), style="red", markup=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
