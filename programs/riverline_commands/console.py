"""Output of commands: lines and tables for people, one JSON document with `--json`; progress on the standard error."""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.status import Status
from rich.table import Table
from rich.text import Text

Json = Annotated[bool, typer.Option("--json", help="Print one JSON document instead of text.")]

out = Console(soft_wrap=True, highlight=False, width=None if sys.stdout.isatty() else 160)
progress = Console(stderr=True, soft_wrap=True, highlight=False)


def print_json(value: Any) -> None:
    """The value as JSON; dataclasses as objects."""
    sys.stdout.write(json.dumps(value, default=_plain, ensure_ascii=False, indent=2) + "\n")


def _plain(value: Any) -> Any:
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else str(value)


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], title: str = "") -> None:
    """A table; cells are text, never markup."""
    shown = Table(title=title or None, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for column in columns:
        shown.add_column(column, overflow="fold")
    for row in rows:
        shown.add_row(*(Text(str(cell)) for cell in row))
    out.print(shown)


class ConsoleProgress:
    """Prints a line for each step, and on a terminal what is being waited for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: dict[str, str] = {}
        self._status: Status | None = None

    def __enter__(self) -> ConsoleProgress:
        if progress.is_terminal:
            self._status = progress.status("")
            self._status.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._status:
            self._status.stop()

    @contextmanager
    def quiet(self) -> Iterator[None]:
        """Leaves the terminal to another program for a while."""
        if self._status:
            self._status.stop()
        try:
            yield
        finally:
            if self._status:
                self._status.start()

    def say(self, text: str) -> None:
        progress.print(text, markup=False)

    def waiting(self, name: str, why: str | None) -> None:
        with self._lock:
            if why is None:
                self._waiting.pop(name, None)
            else:
                self._waiting[name] = why
            if self._status:
                self._status.update(f"waiting for {', '.join(sorted(self._waiting))}" if self._waiting else "")


_NESTED = re.compile(
    r"[\s:(]*(?:caused by\b|\b[A-Za-z_.]*[A-Z]\w*(?:Error|Exception|Timeout)\(|<[\w.]+ object at )", re.DOTALL
)
_NUMBER = re.compile(r"\[Errno -?\d+\] |\b[A-Z]\w*(?:Error|Exception): ")


def said(error: Exception) -> str:
    """What an error says to people: without the exceptions that libraries wrap in each other."""
    text = _NUMBER.sub("", str(error))
    found = _NESTED.search(text)
    return (text[: found.start()] if found else text).strip() or type(error).__name__


def gibibytes(count: int) -> str:
    return f"{count / (1 << 30):.2f} GiB"


def mebibytes(count: int) -> str:
    return f"{count / (1 << 20):.0f} MiB"


def duration(seconds: int) -> str:
    """Seconds as 1d 2h, 3h 4m, 5m 6s or 7s."""
    for unit, part, size in (("d", "h", 86_400), ("h", "m", 3600), ("m", "s", 60)):
        if seconds >= size:
            return f"{seconds // size}{unit} {seconds % size // {'h': 3600, 'm': 60, 's': 1}[part]}{part}"
    return f"{seconds}s"
