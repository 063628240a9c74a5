"""The application around in-memory stores, as a test asks it."""

import time
from dataclasses import replace

import pytest

from riverline.model import Document, Fate
from riverline.parsing.fingerprint import text_digest
from riverline.search.spelling.dictionary_making import DictionaryMaking
from riverline.services import Services
from riverline.settings import Settings
from riverline.testing.memory import MemoryIndex, MemoryLog
from riverline.testing.memory_audit_log import MemoryAuditLog, MemoryTakeDowns
from riverline.testing.memory_clicks import MemoryClicks
from riverline.testing.memory_dead_letters import MemoryDeadLetters
from riverline.testing.memory_incidents import MemoryIncidents
from riverline.testing.memory_key_value import MemoryKeyValue
from riverline.testing.memory_stages import MemoryStages
from riverline_api.app import create_app

NOW = 1_760_000_000_000
DAY = 86_400_000


class Desk:
    """A client, the index behind it, and the tasks that were sent."""

    def __init__(self, checks=None):
        self.index = MemoryIndex()
        self.sent = []
        self.checks = {} if checks is None else checks
        self.key_value, self.clicks, self.log = MemoryKeyValue(), MemoryClicks(), MemoryLog()
        self.incidents = MemoryIncidents()
        self.stages = MemoryStages()
        services = Services(
            Settings(),
            self.index,
            self.log,
            lambda: NOW,
            make_key_value=lambda: self.key_value,
            make_clicks=lambda: self.clicks,
            make_incidents=lambda: self.incidents,
            make_stages=lambda: self.stages,
            make_catalogue=MemoryDeadLetters,
            make_audit_log=MemoryAuditLog,
            make_take_downs=MemoryTakeDowns,
        )
        self.services = services
        self.app = create_app(services, lambda name, *arguments: self.sent.append((name, arguments)), self.checks)
        self.client = self.app.test_client()

    def get(self, path, **options):
        return self.client.get(path, **options)

    def put(self, *documents, fates=()):
        self.index.write(documents, fates)
        self.index.refresh()

    def learn(self):
        """Gives the application the dictionary of what the index holds."""
        DictionaryMaking(self.index, self.key_value, time.monotonic, tuple).turn()
        self.services.dictionary.fetch()

    def with_index(self, index) -> "Desk":
        services = Services(
            Settings(),
            index,
            MemoryLog(),
            lambda: NOW,
            make_key_value=lambda: self.key_value,
            make_clicks=lambda: self.clicks,
            make_stages=lambda: self.stages,
            make_catalogue=MemoryDeadLetters,
            make_audit_log=MemoryAuditLog,
            make_take_downs=MemoryTakeDowns,
        )
        self.client = create_app(services, None, self.checks).test_client()
        return self


def document(path="/a", **more) -> Document:
    url = f"https://news.example{path}"
    made = Document(url, "news.example", "River walk", "A summary", f"A body of {url}", "article", crawled_at=NOW)
    made = replace(made, **more)
    return replace(made, text_digest=text_digest(made.body))


def fate(offset, outcome="indexed", **more) -> Fate:
    return Fate(f"crawl.news.example-0-{offset}", outcome, f"https://news.example/{offset}", at=NOW + offset, **more)


@pytest.fixture
def desk() -> Desk:
    return Desk()


def until(condition, seconds=5.0):
    """Waits for a condition, and fails when it does not come true in time."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come true in time"
        time.sleep(0.005)
