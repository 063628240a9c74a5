"""The catalogue of the dead letters: one row for each record that failed first, with its state; and how far the topic
has been read."""

from __future__ import annotations

from alembic import op

revision = "0007"
down_revision = "0006"

OPTIONS = "ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_ci"
PLACE = "VARCHAR(300) CHARACTER SET ascii COLLATE ascii_bin"  # topic-partition-offset; a topic has 249 letters at most

TABLES = {
    "dead_letter": f"""
        `id` BIGINT NOT NULL AUTO_INCREMENT,
        `root` {PLACE} NOT NULL,
        `origin` {PLACE} NOT NULL,
        `url` TEXT NOT NULL,
        `place_partition` INTEGER NOT NULL,
        `place_offset` BIGINT NOT NULL,
        `stage` VARCHAR(64) NOT NULL DEFAULT '',
        `error` TEXT NOT NULL,
        `attempts` INTEGER NOT NULL,
        `failures` INTEGER NOT NULL DEFAULT 1,
        `failed_at` DATETIME(3) NULL,
        `state` VARCHAR(16) NOT NULL DEFAULT 'waiting',
        `state_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
        `reviewed_at` DATETIME(3) NOT NULL,
        PRIMARY KEY (`id`),
        UNIQUE KEY `dead_letter_root` (`root`),
        KEY `dead_letter_origin` (`origin`),
        KEY `dead_letter_place` (`place_partition`, `place_offset`),
        KEY `dead_letter_state` (`state`, `id`),
        KEY `dead_letter_review` (`state`, `reviewed_at`)
    """,
    "dead_letter_position": """
        `place_partition` INTEGER NOT NULL,
        `next_offset` BIGINT NOT NULL,
        PRIMARY KEY (`place_partition`)
    """,
}


def upgrade() -> None:
    for name, columns in TABLES.items():
        op.execute(f"CREATE TABLE `{name}` ({columns}) {OPTIONS}")


def downgrade() -> None:
    """The topic keeps the dead letters; which were sent again or dismissed is lost."""
    for name in reversed(TABLES):
        op.execute(f"DROP TABLE `{name}`")
