"""The periodic task that makes the dictionary of the index's words: `search/spelling/dictionary_making.py`."""

from __future__ import annotations

import time
from collections.abc import Iterable

from celery.utils.log import get_task_logger

from riverline.search.spelling.dictionary_making import DictionaryMaking
from riverline_tasks.app import app
from riverline_tasks.context import services

log = get_task_logger(__name__)


@app.task(name="tasks.read_words", expires=30)
def read_words() -> str:
    """Reads the index for some seconds, from where the last turn stopped. Returns what was done."""
    making = DictionaryMaking(services().index, services().key_value, time.monotonic, english)
    done = making.turn()
    if done == "made":
        log.info("made a dictionary")
    return done


def english() -> Iterable[str]:
    """Words of the language, of which many are in no document. Imported when they are needed: they take some MB."""
    from spellchecker import SpellChecker

    words: Iterable[str] = SpellChecker("en").word_frequency.words()
    return words
