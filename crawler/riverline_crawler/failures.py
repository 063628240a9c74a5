"""Why a request failed, as a reason that reports count, and what follows from it. Pure."""

from __future__ import annotations

from scrapy.exceptions import (
    CannotResolveHostError,
    DownloadConnectionRefusedError,
    DownloadTimeoutError,
)

from riverline_crawler.scheduling.fetch_item import FetchItem
from riverline_crawler.scheduling.pace import BUSY, Failed

MAX_TRIES = 5  # of one page, the first included
MAX_TRIES_ROBOTS = 3
FEWER_TRIES = {
    "timeout": 2,
    "name_not_resolved": 2,
    "tls": 2,
    "private_address": 1,
}  # each takes long, or cannot succeed
UNREACHED = frozenset({"name_not_resolved", "connection_refused", "private_address", "no_route"})


def of_error(error: BaseException | None) -> Failed:
    """Of a request that was not answered."""
    reason = _reason(error) if error else "connection"
    return Failed(reason, reached=reason not in UNREACHED)


def of_status(status: int, retry_after: float | None) -> Failed:
    """Of an answer that says that the host is busy or the page broken."""
    limited = status == 429 or (status in BUSY and retry_after is not None)
    return Failed(f"status_{status}", answered=True, limited=limited, retry_after=retry_after)


def may_try_again(visit: FetchItem, reason: str) -> bool:
    """Whether an address that has failed once more is worth another try."""
    return visit.tries + 1 < min(MAX_TRIES_ROBOTS if visit.robots_of else MAX_TRIES, FEWER_TRIES.get(reason, MAX_TRIES))


def _reason(error: BaseException) -> str:
    if "private_address" in str(error):
        return "private_address"
    if isinstance(error, CannotResolveHostError):
        return "name_not_resolved"
    if isinstance(error, DownloadConnectionRefusedError):
        return "connection_refused"
    if isinstance(error, DownloadTimeoutError):
        return "timeout"
    names = {type(cause).__name__ for cause in _causes(error)}
    if any(type(cause).__module__.startswith("OpenSSL") for cause in _causes(error)):
        return "tls"
    if "NoRouteError" in names:
        return "no_route"
    return "connection_lost" if names & {"ConnectionLost", "ConnectionDone", "ResponseNeverReceived"} else "connection"


def _causes(error: BaseException) -> list[BaseException]:
    """An error and what it was raised from; Twisted keeps failures in `reasons`."""
    found: list[BaseException] = []
    open_ = [error]
    while open_ and len(found) < 20:
        found.append(one := open_.pop())
        open_ += [reason.value for reason in getattr(one, "reasons", None) or ()]
        open_ += [one.__cause__] if one.__cause__ else []
    return found
