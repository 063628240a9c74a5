"""Which page of the documentation says what to do about an alert."""

from __future__ import annotations

GUIDE = "/guide/"  # where the site serves the documentation
OTHERWISE = "how-to/recover"

# By rule; the pages are those of docs/, without their ending.
RUNBOOKS = {
    **dict.fromkeys(
        ("inflow_above_throughput", "stage_slow", "lag_growing", "catching_up_takes_long", "retries"),
        "runbooks/lag-grows",
    ),
    **dict.fromkeys(("dead_letters", "stage_errors", "workers_restart"), "runbooks/dead-letters"),
    **dict.fromkeys(("disk_filling", "disk_full"), "runbooks/disk-full"),
    **dict.fromkeys(("search_red", "search_rejects", "search_heap", "search_disk"), "runbooks/index-read-only"),
    "replica_behind": "runbooks/replica-broken",
    **dict.fromkeys(("redis_full", "redis_away"), "runbooks/redis-full"),
}


def runbook(rule: str) -> str:
    """The page about a rule."""
    return RUNBOOKS.get(rule, OTHERWISE)


def address(rule: str) -> str:
    """Where the site serves that page."""
    return f"{GUIDE}{runbook(rule)}/"
