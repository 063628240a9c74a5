"""`riverline timeline`: a user's timeline, and whether cached timelines equal MySQL's."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from riverline.feed.body import fields
from riverline.feed.consistency import Difference
from riverline.feed.feed import Feed
from riverline.services import assemble
from riverline.settings import Settings
from riverline_commands.console import Json, out, print_json, table


class _Timelines(TyperGroup):
    """`timeline 7` is `timeline show 7`."""

    def parse_args(self, context: typer.Context, args: list[str]) -> list[str]:  # type: ignore[override]
        return super().parse_args(context, ["show", *args] if args and args[0].isdigit() else args)


app = typer.Typer(
    cls=_Timelines, help="Shows a timeline (`timeline 7`), or compares timelines with MySQL.", no_args_is_help=True
)
BATCH = 1000
LONGEST = 60  # characters of a post in a table


@app.command()
def show(
    user: Annotated[int, typer.Argument(min=1, help="Id of the user.")],
    limit: Annotated[int, typer.Option(min=1, max=100)] = 20,
    uncached: Annotated[bool, typer.Option(help="Read from MySQL alone.")] = False,
    as_json: Json = False,
) -> None:
    """Shows the newest posts of a user's timeline."""
    reader = assemble(Settings.load()).feed.reader
    page = (reader.uncached if uncached else reader.read)(user, limit)
    posts = [fields(entry.body) for entry in page.entries]
    if as_json:
        return print_json({"from": "redis" if page.cached else "mysql", "items": posts})
    table(("id", "at", "by", "says"), map(_row, posts))
    return out.print(f"read from {'Redis' if page.cached else 'MySQL'}")


def _row(post: dict[str, Any]) -> tuple[object, ...]:
    return post["id"], post["created_at"], post["user_name"], " ".join(post["contents"].split())[:LONGEST]


@app.command()
def check(
    every: Annotated[bool, typer.Option("--all", help="Check all cached timelines.")] = False,
    sample: Annotated[int, typer.Option(min=1, help="How many cached timelines to check, at random.")] = 100,
    repair: Annotated[bool, typer.Option(help="Drop those that differ, so that they are built again.")] = False,
    as_json: Json = False,
) -> None:
    """Compares cached timelines with the query. Exit code 1 if one differs."""
    feed = assemble(Settings.load()).feed
    compared, differences = _compared(feed, _all(feed) if every else _sample(feed, sample), repair)
    if as_json:
        print_json({"compared": compared, "differences": differences})
    else:
        for one in differences:
            out.print(f"user {one.user_id}: missing {list(one.missing)}, too many {list(one.extra)}")
        out.print(f"{compared} timelines compared, {len(differences)} differ")
    if differences:
        raise typer.Exit(1)


def _compared(feed: Feed, user_ids: Iterator[int], repair: bool) -> tuple[int, list[Difference]]:
    found = [feed.checker.difference(user_id, repair) for user_id in user_ids]
    return len(found), [one for one in found if one]


def _all(feed: Feed) -> Iterator[int]:
    return feed.checker.cached(_users(feed))


def _users(feed: Feed) -> Iterator[int]:
    after = 0
    while batch := feed.repository.users(after, BATCH):
        yield from batch
        after = batch[-1]


def _sample(feed: Feed, count: int) -> Iterator[int]:
    """Some of those that are cached; each has the same chance."""
    cached = list(_all(feed))
    return iter(random.sample(cached, min(count, len(cached))))
