"""Definitions of targets longer than 64 KiB: thousands of addresses to begin at."""

from __future__ import annotations

from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.execute("ALTER TABLE `crawl_target` MODIFY `definition` MEDIUMTEXT NOT NULL")


def downgrade() -> None:
    op.execute("ALTER TABLE `crawl_target` MODIFY `definition` TEXT NOT NULL")
