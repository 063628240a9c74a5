"""How an error is reported to Storm, for the list that Nimbus and the UI show."""

from __future__ import annotations

import contextlib
from typing import Any

from pystorm.exceptions import StormWentAwayError

from riverline.logs import traceback_of


class TellsErrors:
    """To be mixed into a component, before its base.

    pystorm's own report holds the whole tuple: a page of some MiB, which ZooKeeper would not take.
    """

    send_message: Any
    serializer: Any

    def tell_error(self, about: str, error: BaseException) -> None:
        """Puts an error among Storm's; the component goes on."""
        self.send_message({"command": "error", "msg": f"{about}\n{traceback_of(error)}"})

    def raise_exception(self, exception: BaseException, tup: Any = None) -> None:
        """In the place of pystorm's: the last words of a process that ends."""
        self.tell_error("the process ends", exception)
        self.send_message({"command": "sync"})

    def _handle_run_exception(self, exception: BaseException) -> None:
        """Of any exception: pystorm tells of those alone that a tuple brought about, not of a pause's work."""
        self.raise_exception(exception)

    def _exit(self, status: int) -> None:
        """Last words are written out: pystorm ends the process at once where it has threads."""
        with contextlib.suppress(StormWentAwayError):
            self.serializer.flush()
        super()._exit(status)  # type: ignore[misc]
