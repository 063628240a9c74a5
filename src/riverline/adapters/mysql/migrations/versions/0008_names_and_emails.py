"""Names of targets that differ are different, and so are emails that differ in more than letter case: the collation
took `zq🇰🇷` for `zq🇯🇵`, and `jose@` for `josé@`."""

from __future__ import annotations

from alembic import op

revision = "0008"
down_revision = "0007"

BINARY = "CHARACTER SET utf8mb4 COLLATE utf8mb4_bin"
BEFORE = "CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"


def upgrade() -> None:
    op.execute(f"ALTER TABLE `crawl_target` MODIFY `name` VARCHAR(190) {BINARY} NOT NULL")
    op.execute(
        f"ALTER TABLE `user` ADD COLUMN `email_key` VARCHAR(190) {BINARY} GENERATED ALWAYS AS (LOWER(`email`)) STORED, "
        "DROP KEY `user_email`, ADD UNIQUE KEY `user_email` (`email_key`)"
    )


def downgrade() -> None:
    """Fails where there are targets or emails by now that were the same before."""
    op.execute(
        "ALTER TABLE `user` DROP KEY `user_email`, DROP COLUMN `email_key`, ADD UNIQUE KEY `user_email` (`email`)"
    )
    op.execute(f"ALTER TABLE `crawl_target` MODIFY `name` VARCHAR(190) {BEFORE} NOT NULL")
