"""Who a request acts as. A user reads and writes as itself only.

`access` recognises the user by a bearer token and calls `acts_as`; an application without it lets everybody act as
anyone, which is for tests alone.
"""

from __future__ import annotations

from flask import abort, g


def acts_as(user_id: int) -> None:
    """This request is that user's."""
    g.acting_user = user_id


def require_user(user_id: int) -> None:
    """Ends the request with 403 when it is another user's."""
    acting = g.get("acting_user")
    if acting is not None and acting != user_id:
        abort(403, "a user can only act for itself")


def own_user() -> int:
    """The user whom the token stands for. Ends the request with 403 where that is nobody."""
    acting = g.get("acting_user")
    if not acting:
        abort(403, "this token belongs to no user")
    return int(acting)


def user_meant(user_id: int | None) -> int:
    """The user that a request names, or else the one whom its token stands for. Ends the request where it is another
    one's, or nobody is meant."""
    meant = user_id or g.get("acting_user")
    if not meant:
        abort(422, "user_id is required: the token does not belong to a user")
    require_user(meant)
    return int(meant)
