"""The daily backup. It needs the servers' files, so only a worker on their machine takes from its queue.

The work is done by the command in a process of its own: it may take longer than a task, and needs what tasks do not
import. Where the worker runs as an account without rights, the stack's watch starts that command in its place.
A backup that is broken off is not tried again: the next day's removes what it left.
"""

from __future__ import annotations

import subprocess

from celery.utils.log import get_task_logger

from riverline.adapters import backup_wish
from riverline.errors import Transient
from riverline.settings import ROOT
from riverline_tasks.app import app, settings

LONGEST_SECONDS = 4 * 3600

log = get_task_logger(__name__)


@app.task(name="tasks.back_up", acks_late=False, time_limit=LONGEST_SECONDS, expires=3600)
def back_up() -> None:
    """Makes a backup, and removes those that are outdated. Raises Transient with what the command said.

    Without the rights to make one it asks the stack's watch, in whose log the command's words are then.
    """
    if backup_wish.is_needed(settings.home):
        backup_wish.leave(settings.home)
        log.info("the stack's watch is asked for a backup")
        return
    run = subprocess.run([*backup_wish.COMMAND], cwd=ROOT, capture_output=True, text=True)
    if run.returncode != 0:
        raise Transient(f"no backup was made: {run.stderr.strip()[-500:]}")
    log.info(run.stdout.strip())
