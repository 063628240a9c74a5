"""`riverline mysql`: shows and changes the primary, and migrates the tables."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from sqlalchemy import Engine

from riverline.adapters.mysql import migrations
from riverline.errors import Invalid, Transient
from riverline.settings import Settings
from riverline_commands.console import ConsoleProgress, Json, out, print_json, table

app = typer.Typer(help="Shows and changes the primary, and migrates the tables.", no_args_is_help=True)

Dead = Annotated[bool, typer.Option("--dead", help="Give up a primary that does not answer.")]
Revision = Annotated[str, typer.Argument(help="Version such as 0003. Default: the newest.")]
Older = Annotated[str, typer.Argument(help="Version to go back to, such as 0003; base is before the first.")]
Yes = Annotated[bool, typer.Option("--yes", help="Confirm that newer tables and columns will be deleted.")]


@app.command()
def status(json: Json = False) -> None:
    """Shows each server's role, position and lag, and whether it takes writes."""
    from riverline_stack.servers import roles

    settings = Settings.load()
    rows = [_row(settings, name, address) for name, address in roles.servers(settings).items()]
    if json:
        return print_json(rows)
    return table(tuple(rows[0]), (tuple(row.values()) for row in rows))


def _row(settings: Settings, name: str, address: str) -> dict[str, Any]:
    from riverline_stack.servers import roles
    from riverline_stack.servers.replication import administering, state_of, trouble

    role = "primary" if name == roles.leader(settings) else "replica"
    row: dict[str, Any] = {"server": name, "address": address, "role": role}
    try:
        with administering(settings, address) as cursor:
            cursor.execute("SELECT @@read_only AS fenced, @@gtid_binlog_pos AS position")
            found, state = cursor.fetchone(), state_of(cursor)
    except Transient as error:
        return row | {"writes": "", "position": "", "behind": "", "problem": str(error)}
    problem = trouble(state) if role == "replica" else ""
    behind = state.get("Seconds_Behind_Master", "")
    return row | {"writes": not found["fenced"], "position": found["position"], "behind": behind, "problem": problem}


@app.command()
def promote(dead: Dead = False, json: Json = False) -> None:
    """Makes the replica the primary. The old primary then follows it."""
    from riverline_stack.servers.promotion import LeaseOver, promote
    from riverline_stack.supervision.lifecycle import alone
    from riverline_stack.supervision.supervise import Supervisor

    settings = Settings.load()
    switch = LeaseOver(settings) if settings.stack.host else Supervisor(settings)
    with ConsoleProgress() as progress, alone(settings):
        done = promote(settings, switch, progress.say, dead)
    if json:
        print_json(done)
    else:
        later = " once it is back" if dead and settings.stack.host else ""
        out.print(f"{done.primary} is the primary. {done.rejoined or f'{done.former} follows it{later}.'}")
    raise typer.Exit(1 if done.rejoined else 0)


@app.command()
def upgrade(revision: Revision = migrations.NEWEST, json: Json = False) -> None:
    """Migrates the tables to a newer version, by default the newest. Nothing is lost."""
    _migrate(lambda database: migrations.upgrade(database, revision), json)


@app.command()
def downgrade(revision: Older, yes: Yes = False, json: Json = False) -> None:
    """Migrates the tables back for an older program. What only the newer version holds is lost."""
    if not yes:
        raise Invalid("this deletes tables and columns with their contents; make a backup, then confirm with --yes")
    _migrate(lambda database: migrations.downgrade(database, revision), json)


def _migrate(act: Any, json: bool) -> None:
    from riverline_stack.servers.schema import administrator

    database: Engine = administrator(Settings.load())
    try:
        before = migrations.revision(database)
        act(database)
        after = migrations.revision(database)
    finally:
        database.dispose()
    if json:
        print_json({"before": before, "after": after})
    else:
        out.print(f"The tables are at {after or 'nothing'}; they were at {before or 'nothing'}.")
