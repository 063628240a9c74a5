"""Links by which people log in, and the sessions of their browsers."""

from __future__ import annotations

from alembic import op

revision = "0009"
down_revision = "0008"

OPTIONS = "ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_ci"
GOES = "ON UPDATE CASCADE ON DELETE CASCADE"

TABLES = {
    "login_link": f"""
        `id` BIGINT NOT NULL AUTO_INCREMENT,
        `digest` VARCHAR(64) NOT NULL,
        `purpose` VARCHAR(16) NOT NULL,
        `email` VARCHAR(190) NOT NULL,
        `name` VARCHAR(100) NOT NULL DEFAULT '',
        `user_id` BIGINT NULL,
        `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
        `expires_at` DATETIME(3) NOT NULL,
        `used_at` DATETIME(3) NULL,
        PRIMARY KEY (`id`),
        UNIQUE KEY `login_link_digest` (`digest`),
        KEY `login_link_expires_at` (`expires_at`),
        CONSTRAINT `login_link_user` FOREIGN KEY (`user_id`) REFERENCES `user` (`id`) {GOES}
    """,
    "browser_session": f"""
        `id` BIGINT NOT NULL AUTO_INCREMENT,
        `digest` VARCHAR(64) NOT NULL,
        `user_id` BIGINT NULL,
        `token_id` BIGINT NULL,
        `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
        `expires_at` DATETIME(3) NOT NULL,
        PRIMARY KEY (`id`),
        UNIQUE KEY `browser_session_digest` (`digest`),
        KEY `browser_session_expires_at` (`expires_at`),
        CONSTRAINT `browser_session_user` FOREIGN KEY (`user_id`) REFERENCES `user` (`id`) {GOES},
        CONSTRAINT `browser_session_token` FOREIGN KEY (`token_id`) REFERENCES `api_token` (`id`) {GOES}
    """,
}


def upgrade() -> None:
    for name, columns in TABLES.items():
        op.execute(f"CREATE TABLE `{name}` ({columns}) {OPTIONS}")


def downgrade() -> None:
    for name in reversed(TABLES):
        op.execute(f"DROP TABLE `{name}`")
