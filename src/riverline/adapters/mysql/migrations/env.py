"""What Alembic runs: the migrations, on the connection that adapters/mysql/migrations/__init__.py hands over."""

from __future__ import annotations

from alembic import context

from riverline.adapters.mysql.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
