"""The schema's history, by Alembic: `upgrade` to the newest version or to a given one, `downgrade` back to one."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

BASE = "base"  # before the first migration
NEWEST = "head"


def upgrade(engine: Engine, revision: str = NEWEST) -> None:
    """Applies the migrations that are missing. The account needs the rights to change tables."""
    with engine.connect() as connection:
        command.upgrade(_configuration(connection), revision)


def downgrade(engine: Engine, revision: str) -> None:
    """Takes migrations back, down to the given one; what their tables held is lost."""
    with engine.connect() as connection:
        command.downgrade(_configuration(connection), revision)


def revisions() -> list[str]:
    """All versions that this program knows, the newest first."""
    return [script.revision for script in ScriptDirectory.from_config(_unconnected()).walk_revisions()]


def revision(engine: Engine) -> str | None:
    """The version that the database has; None before the first migration."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision()


def _configuration(connection: Connection) -> Config:
    configuration = _unconnected()
    configuration.attributes["connection"] = connection
    return configuration


def _unconnected() -> Config:
    configuration = Config()
    configuration.set_main_option("script_location", str(Path(__file__).parent).replace("%", "%%"))
    configuration.set_main_option("path_separator", "os")
    return configuration
