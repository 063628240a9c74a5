"""The command `riverline`: each module beside this one that `catalogue` names is a command or a group of commands.

A group's module has `app`, a Typer; a command's module has a function with the command's name. A module is imported
when its command is called, or its help: what `riverline --help` says stands in the catalogue.
"""

from __future__ import annotations

import importlib
import importlib.metadata
import sys
from collections.abc import Iterator, Mapping
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from riverline.errors import RiverlineError
from riverline_commands.catalogue import BEGINNING, COMMANDS, EXAMPLES


class LoadedCommands(Mapping[str, Any]):
    """The commands by name, each made when it is asked for."""

    def __init__(self) -> None:
        self._made: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in COMMANDS:
            raise KeyError(name)
        if name not in self._made:
            self._made[name] = _loaded(name)
        return self._made[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class LazyCommands(TyperGroup):
    """The commands of the catalogue. Its own help names them and imports none; it has no boxes: what draws them takes
    longer to import than all else."""

    def __init__(self, **attributes: Any) -> None:
        super().__init__(**{**attributes, "commands": LoadedCommands()})

    def list_commands(self, ctx: Any) -> list[str]:
        return list(COMMANDS)

    def format_help(self, ctx: Any, formatter: Any) -> None:
        boxes, self.rich_markup_mode = self.rich_markup_mode, None
        try:
            super().format_help(ctx, formatter)
        finally:
            self.rich_markup_mode = boxes

    def format_commands(self, ctx: Any, formatter: Any) -> None:
        for group in dict.fromkeys(group for group, _ in COMMANDS.values()):
            with formatter.section(group):
                formatter.write_dl([(name, text) for name, (of, text) in COMMANDS.items() if of == group])

    def format_epilog(self, ctx: Any, formatter: Any) -> None:
        with formatter.section("To begin with"):
            for line in BEGINNING:
                formatter.write(f"  {line}\n")


def _loaded(name: str) -> Any:
    module_name = name.replace("-", "_")
    module = importlib.import_module(f"riverline_commands.{module_name}")
    app = typer.Typer(name="riverline", add_completion=False)
    app.callback()(lambda: None)
    if hasattr(module, "app"):
        app.add_typer(module.app, name=name)
    else:
        app.command(name)(getattr(module, module_name))
    made = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    _add_examples(made, name)
    return made


def _add_examples(command: Any, path: str) -> None:
    for name, one in getattr(command, "commands", {}).items():
        _add_examples(one, f"{path} {name}")
    if examples := EXAMPLES.get(path):
        command.epilog = "\n\n".join(("Examples:", *(f"  {line}" for line in examples)))


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"riverline {importlib.metadata.version('riverline')}")
        raise typer.Exit


def application() -> typer.Typer:
    """The command line with all its commands."""
    app = typer.Typer(name="riverline", no_args_is_help=True, cls=LazyCommands, pretty_exceptions_enable=False)
    app.callback()(_options)
    return app


def _options(
    version: Annotated[
        bool, typer.Option("--version", help="Show the version and exit.", callback=_show_version, is_eager=True)
    ] = False,
) -> None:
    """Riverline: a feed and a search engine in one system."""
    from riverline import logs

    logs.configure()


def main() -> None:
    """Runs the command line. The exit code is 0 when all is well, 1 on a problem, 2 on a wrong command line."""
    try:
        application()()
    except RiverlineError as error:
        from riverline_commands.console import progress, said

        progress.print(said(error), style="red", markup=False)
        sys.exit(1)


if __name__ == "__main__":
    main()
