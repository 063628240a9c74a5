"""Retries of calls that failed with a transient error."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from riverline.errors import Transient

T = TypeVar("T")
Passing = type[Exception] | tuple[type[Exception], ...] | Callable[[Exception], bool]


def retried(
    ask: Callable[[], T],
    on: Passing = Transient,
    *,
    pause: float,
    longest_pause: float | None = None,
    seconds: float | None = None,
    attempts: int | None = None,
) -> T:
    """What `ask` returns, asked again while it raises `on`, or what `on` says yes to.

    `pause` seconds lie between two attempts, doubled each time up to `longest_pause` where there is one. The error of
    the last attempt is raised: of the first that ends after `seconds`, or of the one that makes `attempts` full.
    """
    import stamina  # 30 ms, which most starts of a program do without

    # It would note each attempt in the log, and a server that starts is asked ten times a second.
    stamina.instrumentation.set_on_retry_hooks(())
    call = stamina.RetryingCaller(
        attempts=attempts, timeout=seconds, wait_initial=pause, wait_max=longest_pause or pause, wait_jitter=0
    )
    return call(on, ask)
