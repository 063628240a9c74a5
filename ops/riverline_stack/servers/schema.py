"""What the servers must hold before the applications start: tables, index templates and aliases, topics."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Engine

from riverline.adapters.kafka.topics import ensure_topics
from riverline.adapters.mysql import migrations
from riverline.adapters.mysql.server import engine
from riverline.services import assemble
from riverline.settings import Settings
from riverline_stack.servers.credentials import credential
from riverline_stack.servers.replication import ADMIN
from riverline_stack.servers.roles import leader_address


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


def prepare(settings: Settings, say: Callable[[str], None]) -> None:
    """All of it; what is there already stays as it is."""
    migrate(settings)
    assemble(settings).index.ensure_schema()
    ensure_topics(settings)
    say("tables, indices and topics are prepared")


if __name__ == "__main__":
    prepare(Settings.load(), print)
