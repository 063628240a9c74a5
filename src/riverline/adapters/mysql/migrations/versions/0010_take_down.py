"""The trail of what was done, and what was taken down."""

from __future__ import annotations

from alembic import op

revision = "0010"
down_revision = "0009"

OPTIONS = "ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_ci"

TABLES = {
    "audit_entry": """
        `id` BIGINT NOT NULL AUTO_INCREMENT,
        `at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
        `actor` VARCHAR(64) NOT NULL,
        `action` VARCHAR(64) NOT NULL,
        `subject` VARCHAR(2000) NOT NULL,
        `reason` VARCHAR(500) NOT NULL DEFAULT '',
        PRIMARY KEY (`id`),
        KEY `audit_entry_at` (`at`),
        KEY `audit_entry_action` (`action`)
    """,
    "taken_down": """
        `id` BIGINT NOT NULL AUTO_INCREMENT,
        `kind` VARCHAR(16) NOT NULL,
        `digest` VARCHAR(64) NOT NULL,
        `subject` VARCHAR(2000) NOT NULL,
        `reason` VARCHAR(500) NOT NULL,
        `at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
        PRIMARY KEY (`id`),
        UNIQUE KEY `taken_down_once` (`digest`)
    """,
}


def upgrade() -> None:
    for name, columns in TABLES.items():
        op.execute(f"CREATE TABLE `{name}` ({columns}) {OPTIONS}")


def downgrade() -> None:
    for name in reversed(TABLES):
        op.execute(f"DROP TABLE `{name}`")
