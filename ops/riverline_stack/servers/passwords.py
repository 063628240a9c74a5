"""The passwords that hosts of one system share: `python -m riverline_stack.servers.passwords` makes those not there.

On one host each program makes those of its own; on several they are put there before anything starts.
"""

from __future__ import annotations

from riverline.settings import Settings
from riverline_stack.servers.credentials import credential

SHARED = (
    "elasticsearch",
    "kafka",
    "kafka-broker",
    "redis",
    "redis-admin",
    "redis-replica",
    "redis-celery",
    "mysql-application",
    "mysql-admin",
    "mysql-replication",
    "api-signing",
    "storm-ui",
)


def make(settings: Settings) -> None:
    """All of them, in the home's folder of secrets."""
    for name in SHARED:
        credential(settings, name)


if __name__ == "__main__":
    make(Settings.load())
