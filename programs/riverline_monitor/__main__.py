"""`python -m riverline_monitor`: watches the stack that the settings name, until it is stopped."""

from __future__ import annotations

import signal
import threading

from riverline import logs
from riverline.services import assemble
from riverline.settings import Settings
from riverline_monitor.exposition import serve
from riverline_monitor.wiring import build


def main() -> None:
    """Runs until SIGTERM or SIGINT."""
    logs.configure()
    settings = Settings.load()
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    built = build(assemble(settings))
    serve(built.exposition, settings.monitor.bind)
    built.run(stopped, settings.monitor.every)


if __name__ == "__main__":
    main()
