"""`python -m monitor`: watches the stack that the settings name, until it is told to end."""

from __future__ import annotations

import signal
import sys
import threading

import structlog

from monitor.alarm import Alarm
from monitor.channels import channels_of
from monitor.exposition import Exposition, serve
from monitor.rules import load
from monitor.run import Monitor
from monitor.sampler import Sampler
from monitor.sources.everything import all_sources
from riverline.assembly import assemble
from riverline.settings import Settings


def main() -> None:
    """Runs until SIGTERM or SIGINT."""
    structlog.configure(logger_factory=structlog.PrintLoggerFactory(sys.stderr))
    settings = Settings.load()
    services = assemble(settings)
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    exposition = Exposition()
    sampler = Sampler(all_sources(services), services.now_ms)
    alarm = Alarm(load(), services.incidents, channels_of(settings), settings.monitor.repeat_minutes * 60.0)
    monitor = Monitor(sampler, services.scratch, exposition, (alarm.judge, lambda _: exposition.count(alarm.open)))
    serve(exposition, settings.monitor.bind)
    monitor.run(stopped, settings.monitor.every)
    sampler.close()
    alarm.close()


if __name__ == "__main__":
    main()
