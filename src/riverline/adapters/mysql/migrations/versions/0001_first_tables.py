"""The first tables: users, who follows whom, posts, the outbox, crawl targets, API tokens."""

from __future__ import annotations

from alembic import op

revision = "0001"
down_revision = None

OPTIONS = "ENGINE = InnoDB DEFAULT CHARACTER SET = utf8mb4 COLLATE = utf8mb4_unicode_ci"
REFERENCE = "REFERENCES `user` (`id`) ON UPDATE CASCADE ON DELETE RESTRICT"

TABLES = {
    "user": """
        `id` BIGINT NOT NULL AUTO_INCREMENT,
        `email` VARCHAR(190) NOT NULL,
        `name` VARCHAR(100) NOT NULL,
        `influencer` ENUM('f', 't') NOT NULL DEFAULT 'f',
        `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
        PRIMARY KEY (`id`),
        UNIQUE KEY `user_email` (`email`),
        KEY `user_name` (`name`),
        KEY `user_influencer` (`influencer`),
        KEY `user_created_at` (`created_at`)
    """,
    "follower": f"""
        `id` BIGINT NOT NULL AUTO_INCREMENT,
        `user_id` BIGINT NOT NULL,
        `follower_user_id` BIGINT NOT NULL,
        `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
        PRIMARY KEY (`id`),
        UNIQUE KEY `follower_pair` (`user_id`, `follower_user_id`),
        KEY `follower_followings` (`follower_user_id`, `user_id`),
        KEY `follower_created_at` (`created_at`),
        CONSTRAINT `follower_user` FOREIGN KEY (`user_id`) {REFERENCE},
        CONSTRAINT `follower_follower` FOREIGN KEY (`follower_user_id`) {REFERENCE}
    """,
    "post": f"""
        `id` BIGINT NOT NULL AUTO_INCREMENT,
        `user_id` BIGINT NOT NULL,
        `contents` TEXT NOT NULL,
        `tags` TEXT NOT NULL,
        `locale` VARCHAR(35) NOT NULL,
        `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
        PRIMARY KEY (`id`),
        KEY `post_author` (`user_id`, `created_at`),
        KEY `post_locale` (`locale`),
        KEY `post_created_at` (`created_at`),
        CONSTRAINT `post_user` FOREIGN KEY (`user_id`) {REFERENCE}
    """,
    "outbox": """
        `id` BIGINT NOT NULL AUTO_INCREMENT,
        `task` VARCHAR(64) NOT NULL,
        `payload` TEXT NOT NULL,
        `attempts` INTEGER NOT NULL DEFAULT 0,
        `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
        `done_at` DATETIME(3) NULL,
        PRIMARY KEY (`id`),
        KEY `outbox_open` (`done_at`, `created_at`)
    """,
    "crawl_target": """
        `id` BIGINT NOT NULL AUTO_INCREMENT,
        `name` VARCHAR(190) NOT NULL,
        `kind` VARCHAR(32) NOT NULL,
        `enabled` BOOLEAN NOT NULL DEFAULT 1,
        `definition` TEXT NOT NULL,
        `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
        `updated_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
        PRIMARY KEY (`id`),
        UNIQUE KEY `crawl_target_name` (`name`)
    """,
    "api_token": f"""
        `id` BIGINT NOT NULL AUTO_INCREMENT,
        `digest` VARCHAR(64) NOT NULL,
        `user_id` BIGINT NULL,
        `role` VARCHAR(16) NOT NULL DEFAULT 'user',
        `name` VARCHAR(100) NOT NULL DEFAULT '',
        `created_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
        `expires_at` DATETIME(3) NULL,
        `revoked_at` DATETIME(3) NULL,
        PRIMARY KEY (`id`),
        UNIQUE KEY `api_token_digest` (`digest`),
        CONSTRAINT `api_token_user` FOREIGN KEY (`user_id`) {REFERENCE}
    """,
}


def upgrade() -> None:
    for name, columns in TABLES.items():
        op.execute(f"CREATE TABLE `{name}` ({columns}) {OPTIONS}")


def downgrade() -> None:
    for name in reversed(TABLES):
        op.execute(f"DROP TABLE `{name}`")
