"""Who a request acts as. A user reads and writes as itself only.

`access` recognises the user by a bearer token and calls `acts_as`; an application without it lets everybody act as
anyone, which is for tests alone.
"""

from __future__ import annotations

from flask import abort, g


def acts_as(user_id: int) -> None:
    """This request is that user's."""
    g.acting_user = user_id


def must_be(user_id: int) -> None:
    """Ends the request with 403 when it is another user's."""
    acting = g.get("acting_user")
    if acting is not None and acting != user_id:
        abort(403, "a user acts as itself only")
