"""`riverline load-demo`: users, followings and posts, distributed as in a real network."""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from sqlalchemy import Connection, func, insert, select, text, update

from riverline.adapters.mysql import tables
from riverline.adapters.mysql.database import Database
from riverline.errors import Invalid
from riverline.services import assemble
from riverline.settings import Settings
from riverline_commands.console import ConsoleProgress, Json, out, print_json

BATCH = 5000
EXPONENT = 0.75  # of the power law by which people are followed: the n-th has n^-0.75 as many followers as the first
DAYS = 30  # over which the posts are spread
WORDS = ("강", "서울", "아침", "산책", "커피", "바다", "노래", "책", "river", "morning", "walk", "train", "snow")


def load_demo(
    users: Annotated[int, typer.Option(min=2, help="Users to add.")] = 1000,
    posts: Annotated[int, typer.Option(min=0, help="Posts to add.")] = 10_000,
    followings: Annotated[int, typer.Option(min=1, help="Users that each follows, on average.")] = 50,
    seed: Annotated[int, typer.Option(help="The same seed makes the same network.")] = 1,
    people: Annotated[
        bool, typer.Option("--people", help="Instead, a few people with names, posts, searches and clicks.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Adds users who follow each other by a power law, and their posts."""
    if people:
        _load_people(seed, as_json)
        return
    if followings >= users:
        raise Invalid("each user can follow at most as many as there are others")
    settings = Settings.load()
    mysql = assemble(settings).mysql
    with ConsoleProgress() as progress:
        loaded = Loader(mysql, random.Random(seed), settings.timelines.influencer_from, progress).load(
            users, posts, followings
        )
    mysql.close()
    print_json(loaded) if as_json else out.print(
        f"users {loaded['first']} to {loaded['last']}, {loaded['followings']} followings, {loaded['posts']} posts, "
        f"{loaded['influencers']} influencers"
    )


def _load_people(seed: int, as_json: bool) -> None:
    from riverline.services import assemble
    from riverline_commands.demo_people import enliven

    with ConsoleProgress() as progress:
        made = enliven(assemble(Settings.load()), random.Random(seed), progress.say)
    print_json(made) if as_json else out.print(
        f"{made.people} people, {made.followings} followings, {made.posts} posts, {made.searches} searches, "
        f"{made.clicks} clicks"
    )


class Loader:
    """Adds a network. Its users are new, so no timeline of theirs is cached yet."""

    def __init__(self, mysql: Database, chance: random.Random, influencer_from: int, progress: ConsoleProgress) -> None:
        self._mysql, self._chance, self._influencer_from, self._progress = mysql, chance, influencer_from, progress

    def load(self, users: int, posts: int, followings: int) -> dict[str, int]:
        ids = self._add_users(users)
        self._progress.say(f"{users} users")
        count = self._insert(tables.follower, _pairs(ids, followings, self._chance))
        self._progress.say(f"{count} followings")
        self._insert(tables.post, self._posts(ids, posts))
        self._progress.say(f"{posts} posts")
        influencers = self._crown(ids)
        return {"first": ids[0], "last": ids[-1], "followings": count, "posts": posts, "influencers": influencers}

    def _add_users(self, count: int) -> list[int]:
        with self._mysql.writing() as connection:
            first = (connection.execute(select(func.max(tables.user.c.id))).scalar() or 0) + 1
            rows = (
                {"id": i, "email": f"user{i}@demo.example", "name": f"User {i}"} for i in range(first, first + count)
            )
            _insert(connection, tables.user, rows)
        return list(range(first, first + count))

    def _posts(self, ids: Sequence[int], count: int) -> Iterator[dict[str, Any]]:
        authors = self._chance.choices(ids, cum_weights=_weights(len(ids)), k=count)
        with self._mysql.reading(fresh=True) as connection:
            end = connection.execute(text("SELECT UNIX_TIMESTAMP(NOW(3)) * 1000")).scalar_one()
        for number, author in enumerate(authors):
            at_ms = int(end) - (count - number) * DAYS * 86_400_000 // max(count, 1)
            yield {
                "user_id": author,
                "contents": " ".join(self._chance.choices(WORDS, k=12)),
                "tags": "[]",
                "locale": self._chance.choice(("ko-KR", "en-US")),
                "created_at": datetime.fromtimestamp(at_ms / 1000, UTC).replace(tzinfo=None),
            }

    def _insert(self, table: Any, rows: Iterable[dict[str, Any]]) -> int:
        count = 0
        for batch in _batches(rows, BATCH * 10):
            with self._mysql.writing() as connection:
                count += _insert(connection, table, batch)
        return count

    def _crown(self, ids: Sequence[int]) -> int:
        """Makes those influencers who have the followers for it; nothing is cached that would have to hear of it."""
        counted = select(tables.follower.c.user_id).where(tables.follower.c.user_id.between(ids[0], ids[-1]))
        crowned = counted.group_by(tables.follower.c.user_id).having(func.count() >= self._influencer_from)
        with self._mysql.writing() as connection:
            chosen = list(connection.execute(crowned).scalars())
            values = {"influencer": "t", "announced": True, "influence_version": 1}
            connection.execute(update(tables.user).where(tables.user.c.id.in_(chosen)).values(values))
        return len(chosen)


def _weights(count: int) -> list[float]:
    """Cumulative weights of a power law."""
    return list(itertools.accumulate((rank + 1) ** -EXPONENT for rank in range(count)))


def _pairs(ids: Sequence[int], average: int, chance: random.Random) -> Iterator[dict[str, Any]]:
    """Who follows whom. How many one follows varies as well, around the average."""
    weights = _weights(len(ids))
    for follower in ids:
        wanted = min(max(1, int(average * chance.lognormvariate(-0.5, 1))), len(ids) // 2)
        chosen: set[int] = set()
        while len(chosen) < wanted:
            chosen.update(chance.choices(ids, cum_weights=weights, k=wanted - len(chosen)))
            chosen.discard(follower)
        yield from ({"user_id": followed, "follower_user_id": follower} for followed in sorted(chosen))


def _batches(rows: Iterable[dict[str, Any]], size: int) -> Iterator[list[dict[str, Any]]]:
    rows = iter(rows)
    while batch := list(itertools.islice(rows, size)):
        yield batch


def _insert(connection: Connection, table: Any, rows: Iterable[dict[str, Any]]) -> int:
    count = 0
    for batch in _batches(rows, BATCH):
        connection.execute(insert(table), batch)
        count += len(batch)
    return count
