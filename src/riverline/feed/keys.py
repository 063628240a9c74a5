"""Names of Redis keys. `USER_7_POSTS` is the timeline of user 7: the number is the user's id."""

from __future__ import annotations


def timeline_key(user_id: int) -> str:
    """The timeline: ids of posts that were pushed."""
    return f"USER_{user_id}_POSTS"


def authored_key(user_id: int) -> str:
    """The user's own posts, which followers of an influencer merge in."""
    return f"USER_{user_id}_AUTHORED"


def followings_key(user_id: int) -> str:
    """Whom the user follows."""
    return f"USER_{user_id}_FOLLOWINGS"


def influencers_key(user_id: int) -> str:
    """The influencers among them."""
    return f"USER_{user_id}_INFLUENCERS"


def all_keys(user_id: int) -> list[str]:
    """All that is kept about a user."""
    return [make(user_id) for make in (timeline_key, authored_key, followings_key, influencers_key)]


def post_key(post_id: int) -> str:
    """What a post says, as JSON."""
    return f"POST_{post_id}"
