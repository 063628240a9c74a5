"""`riverline audit-log`: who did what."""

from __future__ import annotations

from typing import Annotated

import typer

from riverline.services import assemble
from riverline.settings import Settings
from riverline.times import rfc3339_seconds
from riverline_commands.console import Json, out, print_json, table

Action = Annotated[str, typer.Option(help="Only actions that begin so: remove, login, token, target, letters, ...")]
Limit = Annotated[int, typer.Option(min=1, max=10_000, help="The most to list.")]


def audit_log(action: Action = "", limit: Limit = 50, json: Json = False) -> None:
    """Lists who did what, the newest first: logins, tokens, take-downs, targets, replays."""
    found = assemble(Settings.load()).audit_log.newest(0, limit, action)
    if json:
        return print_json(
            [
                {"at": one.at, "actor": one.actor, "action": one.action, "subject": one.subject, "reason": one.reason}
                for one in found
            ]
        )
    if not found:
        return out.print("Nothing was done yet.")
    rows = [(rfc3339_seconds(one.at), one.actor, one.action, one.subject, one.reason) for one in found]
    return table(("at", "who", "action", "subject", "reason"), rows)
