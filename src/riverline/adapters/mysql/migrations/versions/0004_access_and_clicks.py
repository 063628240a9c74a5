"""Scopes of tokens, which go with their users; clicks on results, and how many each address has."""

from __future__ import annotations

from alembic import op

revision = "0004"
down_revision = "0003"

OPTIONS = "ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_ci"
REFERENCE = "FOREIGN KEY (`user_id`) REFERENCES `user` (`id`) ON UPDATE CASCADE"

UP = (
    "ALTER TABLE `api_token` DROP FOREIGN KEY `api_token_user`",
    f"""ALTER TABLE `api_token`
        ADD COLUMN `scopes` VARCHAR(100) NOT NULL DEFAULT '',
        DROP COLUMN `role`,
        ADD CONSTRAINT `api_token_owner` {REFERENCE} ON DELETE CASCADE""",
    f"""CREATE TABLE `click` (
        `id` BIGINT NOT NULL AUTO_INCREMENT,
        `request_id` VARCHAR(32) NOT NULL,
        `url_id` VARCHAR(64) NOT NULL,
        `position` INTEGER NOT NULL,
        `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
        PRIMARY KEY (`id`),
        UNIQUE KEY `click_once` (`request_id`, `url_id`),
        KEY `click_created_at` (`created_at`)
    ) {OPTIONS}""",
    f"""CREATE TABLE `click_total` (
        `url_id` VARCHAR(64) NOT NULL,
        `url` TEXT NOT NULL,
        `clicks` INTEGER NOT NULL DEFAULT 0,
        `updated_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
        PRIMARY KEY (`url_id`),
        KEY `click_total_updated_at` (`updated_at`)
    ) {OPTIONS}""",
)
DOWN = (
    "DROP TABLE `click_total`",
    "DROP TABLE `click`",
    "ALTER TABLE `api_token` DROP FOREIGN KEY `api_token_owner`",
    f"""ALTER TABLE `api_token`
        ADD COLUMN `role` VARCHAR(16) NOT NULL DEFAULT 'user',
        DROP COLUMN `scopes`,
        ADD CONSTRAINT `api_token_user` {REFERENCE} ON DELETE RESTRICT""",
)


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.execute(statement)
