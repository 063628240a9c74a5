"""MySQL's tables, as queries name them; adapters/mysql/migrations creates them.

Times are DATETIME(3) in UTC. A timeline is read by two keys: `follower` by who follows, `post` by author and time.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Computed,
    Double,
    Enum,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.mysql import DATETIME, MEDIUMTEXT

OPTIONS: dict[str, Any] = {"mysql_engine": "InnoDB", "mysql_charset": "utf8mb4", "mysql_collate": "utf8mb4_unicode_ci"}
FLAGS = ("f", "t")  # false sorts before true

metadata = MetaData()


def milliseconds(time: datetime) -> int:
    """Of a time that MySQL gave, which is in UTC."""
    return round(time.replace(tzinfo=UTC).timestamp() * 1000)


def moment(at_ms: int) -> datetime:
    """A time as MySQL takes it: in UTC."""
    return datetime.fromtimestamp(at_ms / 1000, UTC).replace(tzinfo=None)


def _id() -> Column[Any]:
    return Column("id", BigInteger, primary_key=True, autoincrement=True)


def _now(name: str) -> Column[Any]:
    return Column(name, DATETIME(fsp=3), nullable=False, server_default=text("CURRENT_TIMESTAMP(3)"))


def _user_id(name: str, nullable: bool = False, gone: str = "RESTRICT") -> Column[Any]:
    reference = ForeignKey("user.id", onupdate="CASCADE", ondelete=gone)
    return Column(name, BigInteger, reference, nullable=nullable)


user = Table(
    "user",
    metadata,
    _id(),
    Column("email", String(190), nullable=False),
    Column("name", String(100), nullable=False),
    Column("influencer", Enum(*FLAGS, name="influencer"), nullable=False, server_default="f"),
    _now("created_at"),
    Column("followings_version", Integer, nullable=False, server_default="0"),  # counts changes of whom one follows
    Column("influence_version", Integer, nullable=False, server_default="0"),  # counts promotions and demotions
    Column("announced", Boolean, nullable=False, server_default=text("0")),  # all followers' timelines pull the posts
    Column("influencer_by_hand", Boolean, nullable=False, server_default=text("0")),  # followers are not counted
    Column("email_key", String(190, collation="utf8mb4_bin"), Computed("LOWER(email)", persisted=True)),
    Index("user_email", "email_key", unique=True),  # whatever the letter case; accents make another address
    Index("user_name", "name"),
    Index("user_influencer", "influencer"),
    Index("user_created_at", "created_at"),
    **OPTIONS,
)

follower = Table(
    "follower",
    metadata,
    _id(),
    _user_id("user_id"),
    _user_id("follower_user_id"),
    _now("created_at"),
    Index("follower_pair", "user_id", "follower_user_id", unique=True),
    Index("follower_followings", "follower_user_id", "user_id"),
    Index("follower_created_at", "created_at"),
    **OPTIONS,
)

post = Table(
    "post",
    metadata,
    _id(),
    _user_id("user_id"),
    Column("contents", Text, nullable=False),
    Column("tags", Text, nullable=False),  # a JSON list
    Column("locale", String(35), nullable=False),  # BCP 47
    _now("created_at"),
    Index("post_author", "user_id", "created_at"),
    Index("post_author_id", "user_id", "id"),
    Index("post_locale", "locale"),
    Index("post_created_at", "created_at"),
    **OPTIONS,
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    Column("task", String(64), nullable=False),
    Column("payload", Text, nullable=False),  # its arguments, as JSON
    Column("attempts", Integer, nullable=False, server_default="0"),
    _now("created_at"),
    Column("done_at", DATETIME(fsp=3)),
    _now("due_at"),  # an open row is sent again then
    Column("failures", Integer, nullable=False, server_default="0"),  # by its own fault, since it last got on
    Column("error", Text),  # of the last of them
    Column("parked_at", DATETIME(fsp=3)),  # since then it is not sent again
    Index("outbox_open", "done_at", "created_at"),
    Index("outbox_due", "done_at", "due_at"),
    Index("outbox_parked", "parked_at"),
    **OPTIONS,
)

PLACE = String(300, collation="ascii_bin")  # topic-partition-offset

dead_letter = Table(
    "dead_letter",
    metadata,
    _id(),
    Column("root", PLACE, nullable=False),  # the record that failed first
    Column("origin", PLACE, nullable=False),  # the one that failed last: the same, or a replay of it
    Column("url", Text, nullable=False),
    Column("place_partition", Integer, nullable=False),  # position of its newest copy in the topic of dead letters
    Column("place_offset", BigInteger, nullable=False),
    Column("stage", String(64), nullable=False, server_default=text("''")),
    Column("error", Text, nullable=False),
    Column("attempts", Integer, nullable=False),  # of all its failures
    Column("failures", Integer, nullable=False, server_default="1"),
    Column("failed_at", DATETIME(fsp=3)),
    Column("state", String(16), nullable=False, server_default="waiting"),
    _now("state_at"),
    Column("reviewed_at", DATETIME(fsp=3), nullable=False),
    Index("dead_letter_root", "root", unique=True),
    Index("dead_letter_origin", "origin"),
    Index("dead_letter_place", "place_partition", "place_offset"),
    Index("dead_letter_state", "state", "id"),
    Index("dead_letter_review", "state", "reviewed_at"),
    **OPTIONS,
)

dead_letter_position = Table(
    "dead_letter_position",
    metadata,
    Column("place_partition", Integer, primary_key=True, autoincrement=False),
    Column("next_offset", BigInteger, nullable=False),  # the catalogue holds what stands before
    **OPTIONS,
)

crawl_target = Table(
    "crawl_target",
    metadata,
    _id(),
    Column("name", String(190, collation="utf8mb4_bin"), nullable=False),
    Column("kind", String(32), nullable=False),
    Column("enabled", Boolean, nullable=False, server_default=text("1")),
    Column("definition", MEDIUMTEXT, nullable=False),  # the whole target, as JSON
    _now("created_at"),
    _now("updated_at"),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("priority", Integer, nullable=False, server_default="0"),
    _now("due_at"),  # the next round
    Column("leased_by", String(100), nullable=False, server_default=text("''")),
    Column("leased_until", DATETIME(fsp=3)),
    Column("progress", Text),  # of the last round, as JSON
    Index("crawl_target_name", "name", unique=True),
    Index("crawl_target_due", "enabled", "due_at"),
    **OPTIONS,
)

api_token = Table(
    "api_token",
    metadata,
    _id(),
    Column("digest", String(64), nullable=False),  # SHA-256 of the token, in hexadecimal
    _user_id("user_id", nullable=True, gone="CASCADE"),
    Column("scopes", String(100), nullable=False, server_default=text("''")),  # separated by spaces
    Column("name", String(100), nullable=False, server_default=text("''")),
    _now("created_at"),
    Column("expires_at", DATETIME(fsp=3)),
    Column("revoked_at", DATETIME(fsp=3)),
    Index("api_token_digest", "digest", unique=True),
    **OPTIONS,
)

login_link = Table(
    "login_link",
    metadata,
    _id(),
    Column("digest", String(64), nullable=False),  # SHA-256 of its secret, in hexadecimal
    Column("purpose", String(16), nullable=False),
    Column("email", String(190), nullable=False),
    Column("name", String(100), nullable=False, server_default=text("''")),  # of who joins
    _user_id("user_id", nullable=True, gone="CASCADE"),
    _now("created_at"),
    Column("expires_at", DATETIME(fsp=3), nullable=False),
    Column("used_at", DATETIME(fsp=3)),
    Index("login_link_digest", "digest", unique=True),
    Index("login_link_expires_at", "expires_at"),
    **OPTIONS,
)

browser_session = Table(
    "browser_session",
    metadata,
    _id(),
    Column("digest", String(64), nullable=False),  # as above
    _user_id("user_id", nullable=True, gone="CASCADE"),
    Column("token_id", BigInteger, ForeignKey("api_token.id", onupdate="CASCADE", ondelete="CASCADE")),
    _now("created_at"),
    Column("expires_at", DATETIME(fsp=3), nullable=False),
    Index("browser_session_digest", "digest", unique=True),
    Index("browser_session_expires_at", "expires_at"),
    **OPTIONS,
)

audit_entry = Table(
    "audit_entry",
    metadata,
    _id(),
    _now("at"),
    Column("actor", String(64), nullable=False),
    Column("action", String(64), nullable=False),
    Column("subject", String(2000), nullable=False),
    Column("reason", String(500), nullable=False, server_default=text("''")),
    Index("audit_entry_at", "at"),
    Index("audit_entry_action", "action"),
    **OPTIONS,
)

taken_down = Table(
    "taken_down",
    metadata,
    _id(),
    Column("kind", String(16), nullable=False),
    Column("digest", String(64), nullable=False),  # SHA-256 of kind and subject
    Column("subject", String(2000), nullable=False),
    Column("reason", String(500), nullable=False),
    _now("at"),
    Index("taken_down_once", "digest", unique=True),
    **OPTIONS,
)

click = Table(
    "click",
    metadata,
    _id(),
    Column("request_id", String(32), nullable=False),  # of a visit: one person's on one day; before, of a search
    Column("url_id", String(64), nullable=False),
    Column("position", Integer, nullable=False),  # from 1
    _now("created_at"),
    Index("click_once", "request_id", "url_id", unique=True),
    Index("click_created_at", "created_at"),
    **OPTIONS,
)

click_total = Table(
    "click_total",
    metadata,
    Column("url_id", String(64), primary_key=True),
    Column("url", Text, nullable=False),
    Column("clicks", Integer, nullable=False, server_default="0"),
    _now("updated_at"),
    Index("click_total_updated_at", "updated_at"),
    **OPTIONS,
)

incident = Table(
    "incident",
    metadata,
    _id(),
    Column("rule", String(64), nullable=False),
    Column("subject", String(190), nullable=False, server_default=text("''")),
    Column("severity", String(16), nullable=False),
    Column("began_at", DATETIME(fsp=3), nullable=False),
    Column("ended_at", DATETIME(fsp=3)),
    Column("told_at", DATETIME(fsp=3)),
    Column("over_told", Boolean, nullable=False, server_default=text("0")),
    Column("value", Double, nullable=False),
    Column("sentence", Text, nullable=False),
    Index("incident_once", "rule", "subject", "began_at", unique=True),
    Index("incident_open", "over_told", "began_at"),
    **OPTIONS,
)

silence = Table(
    "silence",
    metadata,
    _id(),
    Column("rule", String(64), nullable=False),
    Column("subject", String(190), nullable=False, server_default=text("''")),
    Column("reason", String(500), nullable=False, server_default=text("''")),
    _now("created_at"),
    Column("ends_at", DATETIME(fsp=3), nullable=False),
    Index("silence_ends_at", "ends_at"),
    **OPTIONS,
)

scale_action = Table(
    "scale_action",
    metadata,
    _id(),
    Column("at", DATETIME(fsp=3), nullable=False),
    Column("what", String(64), nullable=False),
    Column("before", Integer, nullable=False),
    Column("after", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("outcome", Text, nullable=False),
    Index("scale_action_at", "at"),
    **OPTIONS,
)

heartbeat = Table(
    "heartbeat",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("number", BigInteger, nullable=False),  # rises with every beat
    **OPTIONS,
)
