"""How programs log: a line an event with its time, level and fields, to the error stream."""

from __future__ import annotations

import sys

import structlog


def configure() -> None:
    """Called once by each program, before it logs.

    The other stream belongs to a command's answer, and in Storm to its protocol. Tracebacks come without the values of
    local variables: a token or a password may be among them.
    """
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.StackInfoRenderer(),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.dev.ConsoleRenderer(
                colors=sys.stderr.isatty(), exception_formatter=structlog.dev.plain_traceback, pad_event_to=0
            ),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )
