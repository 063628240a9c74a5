"""`python -m monitor`: watches the stack that the settings name, until it is told to end."""

from __future__ import annotations

import signal
import threading

from monitor.building import build
from monitor.exposition import serve
from riverline import logs
from riverline.assembly import assemble
from riverline.settings import Settings


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
