"""How programs log: a line an event with its time, level and fields, to the error stream; in Storm's workers, to Storm.

Tracebacks come without the values of local variables: a token or a password may be among them.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback

import structlog

TRACEBACK_LENGTH = 4_000  # characters of a traceback that is kept
_FRAMES, _MESSAGE, _CAUSES = 12, 500, 4  # innermost calls, characters of a message, and errors one of the other
_CREDENTIALS = re.compile(r"(://)[^/\s@]+@")


def configure() -> None:
    """Called once by each program, before it logs. The other stream belongs to a command's answer."""
    structlog.configure(
        processors=[
            *_PROCESSORS,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
            ),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )


def configure_worker() -> None:
    """The same for a component of the topology: what the project says goes to Storm's log of the worker, by the handler
    that pystorm gives the root logger."""
    logging.getLogger("riverline").setLevel(logging.INFO)  # else the root's level holds, which is that of warnings
    renderer = structlog.dev.ConsoleRenderer(
        colors=False, exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
    )
    structlog.configure(processors=[*_PROCESSORS, renderer], logger_factory=structlog.stdlib.LoggerFactory())


def traceback_of(error: BaseException) -> str:
    """Where an error came from, and what caused it: the innermost calls and the message of each, in bounded length and
    without credentials in addresses. The error itself comes first."""
    told: list[str] = []
    one: BaseException | None = error
    while one is not None and len(told) < _CAUSES:
        frames = "".join(traceback.format_tb(one.__traceback__, -_FRAMES))
        told.append(f"{frames}{type(one).__qualname__}: {str(one)[:_MESSAGE].strip()}")
        one = one.__cause__ or (None if one.__suppress_context__ else one.__context__)
    return _CREDENTIALS.sub(r"\1***@", "\ncaused by\n".join(told))[:TRACEBACK_LENGTH]


_PROCESSORS: list[structlog.typing.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.StackInfoRenderer(),
]
