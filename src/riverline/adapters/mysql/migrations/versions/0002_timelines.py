"""What timelines need to stay equal to the query: versions of users, and when a job of the outbox is due again."""

from __future__ import annotations

from alembic import op

revision = "0002"
down_revision = "0001"

UP = (
    """ALTER TABLE `user`
        ADD COLUMN `followings_version` INT NOT NULL DEFAULT 0,
        ADD COLUMN `influence_version` INT NOT NULL DEFAULT 0,
        ADD COLUMN `announced` BOOLEAN NOT NULL DEFAULT 0,
        ADD COLUMN `influencer_by_hand` BOOLEAN NOT NULL DEFAULT 0""",
    "ALTER TABLE `post` ADD KEY `post_author_id` (`user_id`, `id`)",
    """ALTER TABLE `outbox`
        ADD COLUMN `due_at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
        ADD KEY `outbox_due` (`done_at`, `due_at`)""",
)
DOWN = (
    "ALTER TABLE `outbox` DROP KEY `outbox_due`, DROP COLUMN `due_at`",
    "ALTER TABLE `post` DROP KEY `post_author_id`",
    """ALTER TABLE `user` DROP COLUMN `followings_version`, DROP COLUMN `influence_version`, DROP COLUMN `announced`,
        DROP COLUMN `influencer_by_hand`""",
)


def upgrade() -> None:
    for statement in UP:
        op.execute(statement)


def downgrade() -> None:
    for statement in DOWN:
        op.execute(statement)
