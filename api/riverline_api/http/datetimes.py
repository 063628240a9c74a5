"""Times in requests and answers: RFC 3339 outside, milliseconds since 1970 inside."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Annotated

from pydantic import BeforeValidator, Field

from riverline import times

_TIME = re.compile(
    r"^\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-]\d{2}:\d{2}))?$", re.IGNORECASE | re.ASCII
)


def milliseconds(text: object) -> object:
    """Milliseconds of a time with an offset, or of a day's start in UTC. Raises ValueError for anything else."""
    if text is None or isinstance(text, int):
        return text
    # A plus sign that was not encoded arrives as a space.
    written = str(text).replace(" ", "+")
    if not _TIME.match(written):
        raise ValueError("must be an RFC 3339 time with an offset (2026-03-01T09:00:00Z) or a day (2026-03-01)")
    time = datetime.fromisoformat(written.upper())
    return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp() * 1000)


Time = Annotated[
    int | None,
    BeforeValidator(milliseconds, json_schema_input_type=str),
    Field(json_schema_extra={"example": "2026-03-01T00:00:00Z"}),
]


def rfc3339(at_ms: int | None) -> str | None:
    """The time in UTC, to the millisecond."""
    return None if at_ms is None else times.rfc3339(at_ms)
