"""`riverline token`: bearer tokens of the API."""

from __future__ import annotations

import time
from typing import Annotated

import typer

from riverline.accounts.contracts import Token, Tokens
from riverline.accounts.tokens import SCOPES, digest_of, new_token
from riverline.errors import Invalid
from riverline.services import assemble
from riverline.settings import Settings
from riverline.times import rfc3339_seconds
from riverline_commands.console import Json, out, print_json, table

app = typer.Typer(help="Creates, lists and revokes tokens of the API.", no_args_is_help=True)
DAY_MS = 86_400_000

User = Annotated[int | None, typer.Option(min=1, help="Id of the user that it acts as; else it only has its scopes.")]
Scope = Annotated[
    list[str] | None,
    typer.Option(
        help="admin: targets, dead letters, jobs, alerts, search statistics. read: nothing is changed with it."
    ),
]
Days = Annotated[int | None, typer.Option(min=1, max=3650, help="Days until it expires. Default: never.")]


@app.command()
def create(
    user: User = None,
    scope: Scope = None,
    days: Days = None,
    name: Annotated[str, typer.Option(help="What it is for.")] = "",
    json: Json = False,
) -> None:
    """Creates a token and shows it. It cannot be shown again."""
    secret, token = created(_tokens(), user, tuple(scope or ()), days, name)
    if json:
        print_json({"token": secret, **_plain(token)})
    else:
        out.print(secret, markup=False)


@app.command("list")
def list_(user: User = None, json: Json = False) -> None:
    """Lists all tokens, or those of a user."""
    found = _tokens().all(user)
    if json:
        print_json([_plain(token) for token in found])
    else:
        columns = ("id", "user", "scopes", "name", "created", "ends", "revoked")
        table(columns, [tuple(value if value is not None else "" for value in _plain(one).values()) for one in found])


@app.command()
def revoke(
    token_id: Annotated[int, typer.Argument(help="Id, as `riverline token list` shows it.")], json: Json = False
) -> None:
    """Revokes a token. It takes effect within seconds."""
    token = _tokens().revoke(token_id)
    print_json(_plain(token)) if json else out.print(f"token {token.id} is revoked")


def created(
    tokens: Tokens, user: int | None, scopes: tuple[str, ...], days: int | None, name: str
) -> tuple[str, Token]:
    """A new token and its secret. Raises Invalid for a scope that there is not, or for what would open nothing."""
    if unknown := set(scopes) - set(SCOPES):
        raise Invalid(f"there is no scope {', '.join(sorted(unknown))}. Scopes: {', '.join(SCOPES)}")
    if user is None and not scopes:
        raise Invalid("a token needs a user (--user), a scope (--scope admin), or both")
    secret = new_token()
    expires_at = None if days is None else time.time_ns() // 1_000_000 + days * DAY_MS
    return secret, tokens.add(digest_of(secret), user, scopes, name[:100], expires_at)


def _tokens() -> Tokens:
    return assemble(Settings.load()).tokens


def _plain(token: Token) -> dict[str, object]:
    """A token as it is shown; never its digest."""
    return {
        "id": token.id,
        "user": token.user_id,
        "scopes": " ".join(token.scopes),
        "name": token.name,
        "created": _shown(token.created_at),
        "ends": _shown(token.expires_at),
        "revoked": _shown(token.revoked_at),
    }


def _shown(at_ms: int | None) -> str | None:
    return None if at_ms is None else rfc3339_seconds(at_ms)
