"""The periodic task that makes the vectors of new documents: `search/semantic/filling.py`."""

from __future__ import annotations

import time
from functools import cache

from celery.utils.log import get_task_logger

from riverline.random_ids import random_id
from riverline.search.semantic.filling import VectorFilling
from riverline_tasks.app import VECTORS_SECONDS, app
from riverline_tasks.context import services

log = get_task_logger(__name__)
TURN = "VECTORS_TURN"  # who makes vectors now
LONGEST_SECONDS = 60.0  # of a turn; then another process may make them


@cache
def filling() -> VectorFilling:
    """That of this process."""
    return VectorFilling(services().vectors, services().embeddings, time.monotonic)


@app.task(name="tasks.make_vectors", expires=VECTORS_SECONDS)
def make_vectors() -> int:
    """Makes vectors for some seconds, in one process at a time. Returns how many."""
    token = random_id().encode()
    if not services().key_value.put_new(TURN, token, LONGEST_SECONDS):
        return 0
    try:
        made = filling().turn().made
    finally:
        services().key_value.release(TURN, token)
    if made:
        log.info("made %d vectors", made)
    return made
