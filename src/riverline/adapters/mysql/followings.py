"""Users and who follows whom, in MySQL.

A user's `followings_version` grows with each change of whom the user follows, in the same transaction: equal versions
mean equal followings.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from riverline.adapters.mysql import outbox, posts
from riverline.adapters.mysql.tables import api_token, follower, milliseconds, post, user
from riverline.errors import Conflict, NotFound
from riverline.feed.contracts import MOST_COUNTED, Audience, Author, Changed, Deleted, ProfileCounts
from riverline.feed.influence import Thresholds, becomes, is_pulled_only
from riverline.model import User


def create(connection: Connection, email: str, name: str) -> User:
    """Raises Conflict when the e-mail address is taken."""
    try:
        user_id = connection.execute(insert(user).values(email=email, name=name)).lastrowid
    except IntegrityError:
        raise Conflict("this e-mail address is already in use") from None
    return one(connection, user_id)


def one(connection: Connection, user_id: int) -> User:
    """Raises NotFound."""
    return _user(_row(connection, user_id))


def by_email(connection: Connection, email: str) -> User | None:
    """Whose address that is."""
    row = connection.execute(select(user).where(user.c.email_key == func.lower(email))).one_or_none()
    return _user(row) if row else None


def change_email(connection: Connection, user_id: int, email: str) -> User:
    """Raises NotFound, and Conflict when the e-mail address is taken."""
    _row(connection, user_id, locked=True)
    try:
        connection.execute(update(user).where(user.c.id == user_id).values(email=email))
    except IntegrityError:
        raise Conflict("this e-mail address is already in use") from None
    return one(connection, user_id)


def named(connection: Connection, name: str, before: int, limit: int) -> list[User]:
    """Those whose name, or a word of it, begins so, the newest first."""
    found = select(user).order_by(user.c.id.desc()).limit(limit)
    if name:
        words = (user.c.name.startswith(name, autoescape=True), user.c.name.contains(f" {name}", autoescape=True))
        found = found.where(or_(*words))
    if before:
        found = found.where(user.c.id < before)
    return [_user(row) for row in connection.execute(found)]


def rename(connection: Connection, user_id: int, name: str) -> Changed:
    """Posts have the name of their user's row. Raises NotFound."""
    row = _row(connection, user_id, locked=True)
    if row.name == name:
        return Changed(False)
    connection.execute(update(user).where(user.c.id == user_id).values(name=name))
    return Changed(True, row.followings_version, (outbox.add(connection, "rename", {"user_id": user_id}),))


def remove(connection: Connection, user_id: int) -> Deleted:
    """The user and all that refers to the user. Raises NotFound."""
    _row(connection, user_id, locked=True)
    post_ids = connection.execute(select(post.c.id).where(post.c.user_id == user_id)).scalars().all()
    jobs = [outbox.add(connection, "forget", {"user_id": user_id}), *posts.removed(connection, user_id, post_ids)]
    connection.execute(
        delete(follower).where((follower.c.user_id == user_id) | (follower.c.follower_user_id == user_id))
    )
    connection.execute(delete(api_token).where(api_token.c.user_id == user_id))
    connection.execute(delete(user).where(user.c.id == user_id))
    return Deleted(user_id, post_ids, jobs)


def follow(connection: Connection, follower_id: int, followed: int) -> Changed:
    """Raises NotFound when one of them does not exist."""
    _row(connection, follower_id, locked=True)
    _row(connection, followed)
    pair = (follower.c.user_id == followed) & (follower.c.follower_user_id == follower_id)
    if connection.execute(select(follower.c.id).where(pair)).first():
        return Changed(False)
    connection.execute(insert(follower).values(user_id=followed, follower_user_id=follower_id))
    return _refollowed(connection, follower_id, followed)


def unfollow(connection: Connection, follower_id: int, followed: int) -> Changed:
    """Nobody needs to exist for it."""
    pair = (follower.c.user_id == followed) & (follower.c.follower_user_id == follower_id)
    if connection.execute(select(user.c.id).where(user.c.id == follower_id).with_for_update()).first() is None:
        return Changed(False)
    if not connection.execute(delete(follower).where(pair)).rowcount:
        return Changed(False)
    return _refollowed(connection, follower_id, followed)


def _refollowed(connection: Connection, user_id: int, other: int) -> Changed:
    grown = {"followings_version": user.c.followings_version + 1}
    connection.execute(update(user).where(user.c.id == user_id).values(grown))
    version = connection.execute(select(user.c.followings_version).where(user.c.id == user_id)).scalar_one()
    job = outbox.add(connection, "refresh", {"user_id": user_id, "version": version, "other": other})
    return Changed(True, version, (job,))


def set_influencer(connection: Connection, user_id: int, influencer: bool) -> Changed:
    """By hand, from now on. Raises NotFound."""
    row = _row(connection, user_id, locked=True)
    connection.execute(update(user).where(user.c.id == user_id).values(influencer_by_hand=True))
    return _influence(connection, row, influencer)


def weigh(connection: Connection, user_id: int, thresholds: Thresholds) -> Changed:
    """By the number of followers, which is counted no further than it matters."""
    row = connection.execute(select(user).where(user.c.id == user_id)).one_or_none()
    if row is None or row.influencer_by_hand:
        return Changed(False)
    some = select(follower.c.id).where(follower.c.user_id == user_id).limit(thresholds.up)
    followers = connection.execute(select(func.count()).select_from(some.subquery())).scalar_one()
    wanted = becomes(row.influencer == "t", followers, thresholds)
    if wanted is (row.influencer == "t"):
        return Changed(False)
    row = _row(connection, user_id, locked=True)
    return Changed(False) if row.influencer_by_hand else _influence(connection, row, wanted)


def _influence(connection: Connection, row: Row[Any], influencer: bool) -> Changed:
    if (row.influencer == "t") is influencer:
        return Changed(False)
    influence = row.influence_version + 1
    values = {"influencer": "t" if influencer else "f", "influence_version": influence, "announced": False}
    connection.execute(update(user).where(user.c.id == row.id).values(values))
    task = "announce" if influencer else "withdraw"
    return Changed(True, 0, (outbox.add(connection, task, {"user_id": row.id, "influence": influence}),))


def announced(connection: Connection, user_id: int, influence: int) -> None:
    """Unless a promotion or demotion came after."""
    still = (user.c.id == user_id) & (user.c.influencer == "t") & (user.c.influence_version == influence)
    connection.execute(update(user).where(still).values(announced=True))


def audience(
    connection: Connection, author: int, post_id: int, after: int, limit: int, all_followers: bool
) -> Audience:
    """All from one consistent view."""
    row = connection.execute(select(user).where(user.c.id == author)).one_or_none()
    exists = bool(post_id and connection.execute(select(post.c.id).where(post.c.id == post_id)).first())
    if row is None:
        return Audience(None, exists)
    found = Author(row.followings_version, row.influencer == "t", row.announced, row.influence_version)
    if not all_followers and (not exists or is_pulled_only(found.influencer, found.announced)):
        return Audience(found, exists)
    reached = select(user.c.id, user.c.followings_version).join_from(
        follower, user, follower.c.follower_user_id == user.c.id
    )
    chunk = reached.where(follower.c.user_id == author, follower.c.follower_user_id > after)
    rows = connection.execute(chunk.order_by(follower.c.follower_user_id).limit(limit)).all()
    return Audience(found, exists, [(row.id, row.followings_version) for row in rows])


def related(connection: Connection, user_id: int, followed: bool, after: int, limit: int) -> list[tuple[int, User]]:
    """Followings or followers, the newest first."""
    own, other = follower.c.follower_user_id, follower.c.user_id
    if not followed:
        own, other = other, own
    wanted = select(user, follower.c.id.label("relation")).join_from(follower, user, other == user.c.id)
    wanted = wanted.where(own == user_id, follower.c.id < (after or posts.NEWEST)).order_by(follower.c.id.desc())
    return [(row.relation, _user(row)) for row in connection.execute(wanted.limit(limit))]


def counts(connection: Connection, user_id: int) -> ProfileCounts:
    """Each counted no further than MOST_COUNTED."""
    rows = (
        select(follower.c.id).where(follower.c.user_id == user_id),
        select(follower.c.id).where(follower.c.follower_user_id == user_id),
        select(post.c.id).where(post.c.user_id == user_id),
    )
    some = [wanted.limit(MOST_COUNTED).subquery() for wanted in rows]
    each = [select(func.count()).select_from(one).scalar_subquery() for one in some]
    return ProfileCounts(*connection.execute(select(*each)).one())


def _row(connection: Connection, user_id: int, locked: bool = False) -> Row[Any]:
    wanted = select(user).where(user.c.id == user_id)
    row = connection.execute(wanted.with_for_update() if locked else wanted).one_or_none()
    if row is None:
        raise NotFound(f"there is no user {user_id}")
    return row


def _user(row: Row[Any]) -> User:
    return User(row.id, row.email, row.name, row.influencer == "t", milliseconds(row.created_at))
