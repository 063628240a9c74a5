"""`riverline mysql`: who is the primary, changing that, and the versions of the tables."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from sqlalchemy import Engine

from commands.console import ConsoleProgress, Json, out, print_json, table
from riverline.errors import Invalid, Transient
from riverline.settings import Settings
from riverline.stores import migrations

app = typer.Typer(help="The primary and the replica, and the versions of the tables.", no_args_is_help=True)

Dead = Annotated[bool, typer.Option("--dead", help="The primary does not answer, and is given up.")]
Revision = Annotated[str, typer.Argument(help="A version such as 0003. Default: the newest.")]
Older = Annotated[str, typer.Argument(help="The version to go back to, such as 0003, or base: before the first.")]
Yes = Annotated[bool, typer.Option("--yes", help="What the younger tables and columns hold may be lost.")]


@app.command()
def status(json: Json = False) -> None:
    """Each server: its role, whether it takes writes, its position and how far it is behind."""
    from stack import roles

    settings = Settings.load()
    rows = [_row(settings, name, address) for name, address in roles.servers(settings).items()]
    if json:
        return print_json(rows)
    return table(tuple(rows[0]), (row.values() for row in rows))


def _row(settings: Settings, name: str, address: str) -> dict[str, Any]:
    from stack import roles
    from stack.replication import administering, state_of, trouble

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
    """Makes the replica the primary; the old primary follows it from then on."""
    from stack.lifecycle import alone
    from stack.promotion import promote
    from stack.supervise import Supervisor

    settings = Settings.load()
    with ConsoleProgress() as progress, alone(settings):
        done = promote(settings, Supervisor(settings), progress.say, dead)
    if json:
        print_json(done)
    else:
        out.print(f"{done.primary} is the primary. {done.rejoined or f'{done.former} follows it.'}")
    raise typer.Exit(1 if done.rejoined else 0)


@app.command()
def upgrade(revision: Revision = migrations.NEWEST, json: Json = False) -> None:
    """Brings the tables to a newer version, the newest if none is named; nothing is lost."""
    _migrate(lambda database: migrations.upgrade(database, revision), json)


@app.command()
def downgrade(revision: Older, yes: Yes = False, json: Json = False) -> None:
    """Takes the tables back to an older version: for an older program. What the newer ones held alone is lost."""
    if not yes:
        raise Invalid("this removes tables and columns with what they hold: make a backup, then say --yes")
    _migrate(lambda database: migrations.downgrade(database, revision), json)


def _migrate(act: Any, json: bool) -> None:
    from stack.schema import administrator

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
