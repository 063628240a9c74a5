"""What crawlers need to share targets: when each is due, who holds it, and how far it is."""

from __future__ import annotations

from alembic import op

revision = "0003"
down_revision = "0002"

UP = """ALTER TABLE `crawl_target`
    ADD COLUMN `revision` INT NOT NULL DEFAULT 1,
    ADD COLUMN `priority` INT NOT NULL DEFAULT 0,
    ADD COLUMN `due_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    ADD COLUMN `leased_by` VARCHAR(100) NOT NULL DEFAULT '',
    ADD COLUMN `leased_until` DATETIME(3) NULL,
    ADD COLUMN `progress` TEXT NULL,
    ADD KEY `crawl_target_due` (`enabled`, `due_at`)"""
DOWN = """ALTER TABLE `crawl_target` DROP KEY `crawl_target_due`, DROP COLUMN `progress`, DROP COLUMN `leased_until`,
    DROP COLUMN `leased_by`, DROP COLUMN `due_at`, DROP COLUMN `priority`, DROP COLUMN `revision`"""


def upgrade() -> None:
    op.execute(UP)


def downgrade() -> None:
    op.execute(DOWN)
