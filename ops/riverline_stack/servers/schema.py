"""What the servers must hold before the applications start: tables, index templates and aliases, topics."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sqlalchemy import Engine

from riverline.adapters.kafka.topics import ensure_topics
from riverline.adapters.mysql import migrations
from riverline.adapters.mysql.server import engine
from riverline.services import assemble
from riverline.settings import Settings
from riverline_stack.servers.credentials import credential
from riverline_stack.servers.replication import ADMIN
from riverline_stack.servers.roles import leader_address
from riverline_stack.supervision.accounts import ELASTICSEARCH, KAFKA, MYSQL
from riverline_stack.supervision.program import Program, Step


def administrator(settings: Settings) -> Engine:
    """An engine on the primary that may change tables."""
    return engine(settings, leader_address(settings), ADMIN, credential(settings, "mysql-admin"))


def migrate(settings: Settings) -> None:
    """MySQL's tables at their newest version."""
    database = administrator(settings)
    try:
        migrations.upgrade(database)
    finally:
        database.dispose()


def make_indices(settings: Settings) -> None:
    """Elasticsearch's templates, indices and aliases."""
    assemble(settings).index.ensure_schema()


def prepare(settings: Settings, say: Callable[[str], None]) -> None:
    """All of it; what is there already stays as it is."""
    migrate(settings)
    make_indices(settings)
    ensure_topics(settings)
    say("tables, indices and topics are prepared")


def steps(settings: Settings, programs: Iterable[Program]) -> list[Step]:
    """The same, each as soon as its servers are ready."""

    def of(account: str) -> tuple[str, ...]:
        return tuple(program.name for program in programs if program.account == account)

    return [
        Step("tables", lambda: migrate(settings), of(MYSQL)),
        Step("topics", lambda: ensure_topics(settings), of(KAFKA)),
        Step("indices", lambda: make_indices(settings), of(ELASTICSEARCH)),
    ]


if __name__ == "__main__":
    prepare(Settings.load(), print)
