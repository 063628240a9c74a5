"""What the monitor keeps: incidents, silences, actions, and the beat by which a replica's lag is seen."""

from __future__ import annotations

from alembic import op

revision = "0005"
down_revision = "0004"

OPTIONS = "ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_ci"

TABLES = {
    "incident": """
        `id` BIGINT NOT NULL AUTO_INCREMENT,
        `rule` VARCHAR(64) NOT NULL,
        `subject` VARCHAR(190) NOT NULL DEFAULT '',
        `severity` VARCHAR(16) NOT NULL,
        `began_at` DATETIME(3) NOT NULL,
        `ended_at` DATETIME(3) NULL,
        `told_at` DATETIME(3) NULL,
        `over_told` BOOLEAN NOT NULL DEFAULT 0,
        `value` DOUBLE NOT NULL,
        `sentence` TEXT NOT NULL,
        PRIMARY KEY (`id`),
        UNIQUE KEY `incident_once` (`rule`, `subject`, `began_at`),
        KEY `incident_open` (`over_told`, `began_at`)
    """,
    "silence": """
        `id` BIGINT NOT NULL AUTO_INCREMENT,
        `rule` VARCHAR(64) NOT NULL,
        `subject` VARCHAR(190) NOT NULL DEFAULT '',
        `reason` VARCHAR(500) NOT NULL DEFAULT '',
        `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
        `ends_at` DATETIME(3) NOT NULL,
        PRIMARY KEY (`id`),
        KEY `silence_ends_at` (`ends_at`)
    """,
    "scale_action": """
        `id` BIGINT NOT NULL AUTO_INCREMENT,
        `at` DATETIME(3) NOT NULL,
        `what` VARCHAR(64) NOT NULL,
        `before` INTEGER NOT NULL,
        `after` INTEGER NOT NULL,
        `reason` TEXT NOT NULL,
        `outcome` TEXT NOT NULL,
        PRIMARY KEY (`id`),
        KEY `scale_action_at` (`at`)
    """,
    "heartbeat": """
        `id` INTEGER NOT NULL,
        `number` BIGINT NOT NULL,
        PRIMARY KEY (`id`)
    """,
}


def upgrade() -> None:
    for name, columns in TABLES.items():
        op.execute(f"CREATE TABLE `{name}` ({columns}) {OPTIONS}")


def downgrade() -> None:
    for name in reversed(TABLES):
        op.execute(f"DROP TABLE `{name}`")
