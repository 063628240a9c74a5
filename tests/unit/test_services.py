"""Who holds which client of a server."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from riverline.adapters.elasticsearch.connection import ElasticsearchConnection
from riverline.adapters.mysql.database import Database
from riverline.adapters.redis.cluster import RedisCluster
from riverline.services import assemble
from riverline.settings import ROOT, Settings
from riverline_api.app import create_app

CLIENTS = (Database, RedisCluster, ElasticsearchConnection)
BUILDERS = {
    "src/riverline/services.py",
    "src/riverline/adapters/elasticsearch/index.py",  # its own, which all others take from it
    "src/bolts/base.py",  # a task of the topology needs Redis alone
    "src/spouts/pages.py",
}


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many clients of each kind were built."""
    counts: Counter[str] = Counter()

    def counted(kind: type, build: Any) -> Any:
        def init(self: Any, *arguments: Any, **named: Any) -> None:
            counts[kind.__name__] += 1
            build(self, *arguments, **named)

        return init

    for kind in CLIENTS:
        monkeypatch.setattr(kind, "__init__", counted(kind, kind.__init__))
    return counts


def test_an_api_process_holds_one_client_of_each_kind_of_server(made: Counter[str]) -> None:
    services = assemble(Settings().shifted(-1900), hurried=True)  # ports where nothing listens
    create_app(services, guarded=True).test_client().get("/health/live")
    for each in ("feed", "targets", "tokens", "key_value", "clicks", "incidents", "stages", "dead_letters", "search"):
        getattr(services, each)
    assert made == {kind.__name__: 1 for kind in CLIENTS}


def constructed(path: str) -> Iterator[str]:
    for node in ast.walk(ast.parse((ROOT / path).read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
            yield node.func.id if isinstance(node.func, ast.Name) else node.func.attr


def test_nobody_but_the_composition_root_builds_a_client() -> None:
    product = [
        str(file.relative_to(ROOT))
        for folder in ("src", "api", "crawler", "programs", "ops", "topologies")
        for file in (ROOT / folder).rglob("*.py")
    ]
    names = {kind.__name__ for kind in CLIENTS}
    assert {path for path in product if names & set(constructed(path))} == BUILDERS
