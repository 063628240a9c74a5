"""Jobs of the outbox that cannot be done: how often one failed by its own fault, why, and since when it is parked."""

from __future__ import annotations

from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.execute(
        """ALTER TABLE `outbox`
            ADD COLUMN `failures` INTEGER NOT NULL DEFAULT 0,
            ADD COLUMN `error` TEXT NULL,
            ADD COLUMN `parked_at` DATETIME(3) NULL,
            ADD KEY `outbox_parked` (`parked_at`)"""
    )


def downgrade() -> None:
    """An older program takes parked jobs up again, like any open one."""
    op.execute(
        """ALTER TABLE `outbox`
            DROP KEY `outbox_parked`, DROP COLUMN `parked_at`, DROP COLUMN `error`, DROP COLUMN `failures`"""
    )
