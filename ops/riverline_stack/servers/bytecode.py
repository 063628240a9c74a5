"""Compiled modules of the programs that run as accounts: these may write none beside the sources, and would compile all
that they import at each start."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from riverline.settings import ROOT, Settings
from riverline_stack.supervision.source_digest import code_version
from riverline_stack.supervision.supervise import base_environment

SOURCES = ("src/riverline", "api", "crawler", "programs", "demo", "requirements.lock")
IMPORTED = (
    "celery.apps.beat",
    "celery.apps.worker",
    "celery.bin.celery",
    "celery.concurrency.prefork",
    "demo",
    "gunicorn.app.wsgiapp",
    "kombu.transport.redis",
    "riverline_api.app",
    "riverline_api.worker",
    "riverline_commands.crawl_run",
    "riverline_crawler.service",
    "riverline_monitor.wiring",
    "riverline_storm_ui.app",
    "riverline_tasks.timelines",
    "streamparse.thrift",
)


def install(settings: Settings, _say: Callable[[str], None]) -> None:
    """Has them compiled by being imported, once for each version of this checkout. It only saves time: where it fails,
    each start compiles."""
    stamp, wanted = Path(sys.prefix) / ".compiled", code_version(*SOURCES) + sys.version
    if os.geteuid() != 0 or (stamp.exists() and stamp.read_text() == wanted):
        return
    command = [sys.executable, "-c", f"import {', '.join(IMPORTED)}"]
    run = subprocess.run(command, cwd=ROOT, env=base_environment(settings), capture_output=True)
    if run.returncode == 0:
        stamp.write_text(wanted)
