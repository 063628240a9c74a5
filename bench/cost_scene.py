"""What the requests of bench.costs name: people, those whom most follow and who follow most, posts, targets, tokens."""

from __future__ import annotations

import http.client
import itertools
import json
import random
import uuid
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol

from sqlalchemy import func, insert, select

from bench.cost_requests import FREQUENT, Candidate, Known, Operation, Request, Values, filled, nothing
from riverline.accounts.tokens import ADMIN, digest_of, new_token
from riverline.adapters.mysql.tables import follower, post, user
from riverline.services import Services

API = "/api/v1"
PAGES = 30  # that a cursor is followed
MANY_POSTS, POST_LETTERS = 200, 10_000
STOCK = 12  # of what has to be made before it can be deleted, and takes long to make
ADMINS = ("dead-letters", "outbox", "stats/searches", "stats/queries", "crawl/targets", "alerts", "removals", "audit")
PUBLIC = ("search", "pipeline", "stats/index", "crawl/fates", "login-links", f"{API}/tokens", "health")
OWN = (
    ("PATCH", f"{API}/users/{{user_id}}"),
    *((method, f"{API}/users/{{user_id}}/followings/{{other_id}}") for method in ("PUT", "DELETE")),
)
SERIES = "lag,stage_busy/*,stage_rate/*,topic_lag/*,program_memory/*"
LONG_AGO = "2000-01-01T00:00:00Z"


class Sender(Protocol):
    def send(self, request: Request) -> tuple[int, bytes]: ...


class Scene:
    """Somebody usual, others, and a star, whom so many follow as there are, up to `followed`, and who follows them."""

    def __init__(self, services: Services, site: str, followed: int) -> None:
        self.services, self.site, self.mark = services, site, uuid.uuid4().hex[:8]
        self._numbers = itertools.count(1)
        self.user, token = self.join()
        self.others = [self.join()[0] for _ in range(20)]
        self.star, star_token = self.join()
        self.friends = self.crowd(self.star, followed)
        self.tokens = {"user": token, "star": star_token, "admin": self._admin()}
        with services.mysql.reading(fresh=True) as connection:
            self.newest = int(connection.execute(select(func.max(post.c.id))).scalar_one())

    def told(self) -> str:
        count = self.services.elasticsearch.call("GET", "/documents/_count")["count"]
        return f"{count} documents; somebody who follows {self.friends} and whom {self.friends} follow."

    def clear(self) -> None:
        """Takes away what would be crawled."""
        for known in self.services.targets.all():
            if known.target.name.startswith(f"costs-{self.mark}"):
                self.services.targets.remove(known.target.name)

    def numbers(self, n: int) -> range:
        first = min([next(self._numbers) for _ in range(n)])
        return range(first, first + n)

    def join(self) -> tuple[int, str]:
        """Somebody new: the id, and a token."""
        made = self._made("POST", "/users", {"email": f"{uuid.uuid4().hex}@costs.example", "name": "산책"}, "")
        return int(made["id"]), str(made["token"])

    def _made(self, method: str, path: str, body: Mapping[str, Any], token: str) -> dict[str, Any]:
        connection = http.client.HTTPConnection(self.site, timeout=60)
        headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
        connection.request(method, API + path, json.dumps(body), headers)
        answer = connection.getresponse()
        read = answer.read()
        connection.close()
        if answer.status not in (200, 201):
            raise SystemExit(f"{method} {path} is answered with {answer.status}: {read[:300]!r}")
        found: dict[str, Any] = json.loads(read)
        return found

    def _admin(self) -> str:
        secret = new_token()
        self.services.tokens.add(digest_of(secret), self.user, [ADMIN], f"costs {self.mark}", None)
        return secret

    def crowd(self, one: int, followed: int, posts: int = MANY_POSTS) -> int:
        """Lets so many follow somebody, and be followed, and writes long posts: how many there were."""
        with self.services.mysql.writing() as connection:
            found = connection.execute(select(user.c.id).where(user.c.id != one).limit(followed))
            ids = [row[0] for row in found]
            pairs = [{"user_id": one, "follower_user_id": other} for other in ids]
            pairs += [{"user_id": other, "follower_user_id": one} for other in ids]
            for at in range(0, len(pairs), 2000):
                connection.execute(insert(follower), pairs[at : at + 2000])
            chance = random.Random(one)
            texts = [
                {"user_id": one, "contents": filled("words", POST_LETTERS, chance), "tags": "[]", "locale": "ko-KR"}
                for _ in range(posts)
            ]
            if texts:
                connection.execute(insert(post), texts)
        return len(ids)

    def known(self, meter: Sender) -> Known:
        return Known(
            path={
                "user_id": lambda number: self.others[number % len(self.others)],
                "other_id": lambda number: self.others[number % len(self.others)],
                "post_id": lambda number: max(1, self.newest - number % 150),
                "token_id": lambda number: number,
                "removal_id": lambda number: number,
                "name": lambda number: f"costs-{self.mark}-{number}",
            },
            own={of: {"user_id": self.user} for of in OWN},
            usual=self._usual(meter),
            who=whose,
            crowded=self._crowded(),
            more=MORE,
            stock=self._stock(),
            kept=self._kept(),
            last=partial(self._last, meter),
            numbers=self.numbers,
        )

    def _last(self, meter: Sender, path: str, who: str) -> str:
        """The cursor after so many pages, or the last that there is."""
        cursor, asked = "", path
        for _ in range(PAGES):
            status, body = meter.send(Request("GET", asked, None, who))
            following = json.loads(body).get("next_cursor") if status == 200 else None
            if not following:
                break
            cursor, asked = str(following), f"{path}{'&' if '?' in path else '?'}cursor={following}"
        return cursor

    def _usual(self, meter: Sender) -> Mapping[Operation, tuple[Values, Values | None]]:
        status, body = meter.send(Request("GET", f"{API}/search?q=%EB%B0%94%EB%8B%A4"))
        found: dict[str, Any] = json.loads(body) if status == 200 else {"request_id": "0" * 32, "items": []}
        url = found["items"][0]["url"] if found["items"] else "http://a.example/"
        click = {"request_id": found["request_id"], "url": url, "position": 1}
        return {
            ("GET", f"{API}/search"): (lambda i: {"q": query(i)}, None),
            ("GET", f"{API}/search/suggest"): (lambda i: {"q": query(i)}, None),
            ("GET", f"{API}/users"): (lambda i: {"q": "산책"}, None),
            ("GET", f"{API}/stats/index"): (lambda i: {"from": ago(24 * 7, i)}, None),
            ("GET", f"{API}/stats/searches"): (lambda i: {"from": ago(24 * 7, i)}, None),
            ("GET", f"{API}/stats/queries"): (lambda i: {"from": ago(24 * 7, i)}, None),
            ("POST", f"{API}/search/clicks"): (nothing, lambda i: {**click, "position": i % 100 + 1}),
            ("POST", f"{API}/dead-letters/replays"): (nothing, lambda i: {"records": [{"partition": 0, "offset": i}]}),
            ("POST", f"{API}/dead-letters/dismissals"): (
                nothing,
                lambda i: {"records": [{"partition": 0, "offset": i}]},
            ),
            ("POST", f"{API}/outbox/retries"): (nothing, lambda i: {"ids": [i]}),
            ("POST", f"{API}/users"): (nothing, lambda i: {"email": self._email(i), "name": "산책"}),
            ("PATCH", f"{API}/users/{{user_id}}"): (nothing, lambda i: {"name": f"산책 {i}"}),
            ("POST", f"{API}/login-links"): (nothing, lambda i: {"email": self._email(i)}),
            ("POST", f"{API}/tokens"): (nothing, lambda i: {"link": f"{i:043d}"}),
            ("PUT", f"{API}/me/email"): (nothing, lambda i: {"email": self._email(i)}),
            ("POST", f"{API}/posts"): (nothing, lambda i: {"contents": query(i)}),
            ("POST", f"{API}/crawl/targets"): (nothing, self._target),
            ("POST", f"{API}/removals"): (
                nothing,
                lambda i: {"kind": "document", "subject": f"http://a.example/{self.mark}/{i}", "reason": "costs"},
            ),
        }

    def _email(self, number: int) -> str:
        return f"{self.mark}-{number}@costs.example"

    def _target(self, number: int) -> dict[str, Any]:
        start = f"http://costs.example/{number}"
        return {"name": f"costs-{self.mark}-{number}", "start_urls": [start], "enabled": False}

    def _kept(self) -> Mapping[str, Values]:
        return {
            "NewRemoval": lambda i: {"kind": "document", "subject": f"http://a.example/{self.mark}/{i}"},
            "TargetForm": lambda i: {"name": f"costs-{self.mark}-{i}", "enabled": False, "kind": "site"},
            "NewOwnToken": lambda i: {"scopes": []},
            "LinkToken": lambda i: {"scopes": []},
        }

    def _crowded(self) -> Mapping[Operation, Sequence[tuple[str, Mapping[str, object]]]]:
        star = [("of somebody with most of them", {"user_id": self.star})]
        return {("GET", f"{API}/users/{{user_id}}{part}"): star for part in ("", "/followings", "/followers", "/posts")}

    def _stock(self) -> Mapping[Operation, Sequence[Candidate]]:
        return {
            ("DELETE", f"{API}/users/{{user_id}}"): [
                Candidate("usual", partial(self._people, 0, 2)),
                Candidate(
                    f"somebody with 500 followings, followers and {MANY_POSTS} posts",
                    partial(self._people, 500, MANY_POSTS),
                ),
            ],
            ("DELETE", f"{API}/posts/{{post_id}}"): [
                Candidate("usual", partial(self._posts, "user", "산책")),
                Candidate("a long post of somebody with most followers", partial(self._posts, "star", "산책 " * 3000)),
            ],
            ("POST", f"{API}/me/tokens"): [
                Candidate("usual", partial(self._new_tokens, {"name": "costs"})),
                Candidate("all that it may say", partial(self._new_tokens, {"name": "가" * 100, "scopes": ["read"]})),
            ],
            ("DELETE", f"{API}/me/tokens/{{token_id}}"): [Candidate("usual", self._tokens)],
            ("DELETE", f"{API}/removals/{{removal_id}}"): [Candidate("usual", self._removals)],
            ("DELETE", f"{API}/crawl/targets/{{name}}"): [
                Candidate("usual", partial(self._targets, "DELETE", 1)),
                Candidate("a target of 2 000 start addresses", partial(self._targets, "DELETE", 2000)),
            ],
            ("PUT", f"{API}/crawl/targets/{{name}}"): [
                Candidate("usual", partial(self._targets, "PUT", 1)),
                Candidate("a target of 2 000 start addresses", partial(self._targets, "PUT", 2000)),
            ],
            ("GET", f"{API}/crawl/targets/{{name}}"): [
                Candidate("usual", partial(self._targets, "GET", 1)),
                Candidate("a target of 2 000 start addresses", partial(self._targets, "GET", 2000)),
            ],
            ("GET", f"{API}/me/export"): [
                Candidate("usual", lambda n: [Request("GET", f"{API}/me/export", None, "user")] * n),
                Candidate(
                    "of somebody with most of all", lambda n: [Request("GET", f"{API}/me/export", None, "star")] * n
                ),
            ],
            ("GET", f"{API}/posts"): [
                Candidate("usual", lambda n: [Request("GET", f"{API}/posts", None, "user")] * n),
                Candidate(
                    "of somebody who follows most",
                    lambda n: [Request("GET", f"{API}/posts?limit=100", None, "star")] * n,
                ),
            ],
            ("PUT", f"{API}/users/{{user_id}}/followings/{{other_id}}"): [
                Candidate("usual", partial(self._followings, "PUT", self.user, "user")),
                Candidate("by somebody who follows most", partial(self._followings, "PUT", self.star, "star")),
            ],
            ("DELETE", f"{API}/users/{{user_id}}/followings/{{other_id}}"): [
                Candidate("usual", partial(self._followings, "DELETE", self.user, "user")),
                Candidate("by somebody who follows most", partial(self._followings, "DELETE", self.star, "star")),
            ],
            ("POST", f"{API}/posts"): [
                Candidate("usual", self._short_posts),
                *(
                    Candidate(
                        f"{POST_LETTERS} letters and 20 tags by somebody with most followers, {kind}",
                        partial(self._long_posts, kind),
                    )
                    for kind in ("words", "Korean words", "mark-up", "combined marks")
                ),
            ],
        }

    def _short_posts(self, n: int) -> Sequence[Request]:
        return [Request("POST", f"{API}/posts", sent({"contents": query(i)}), "user") for i in self.numbers(n)]

    def _long_posts(self, kind: str, n: int) -> Sequence[Request]:
        made = []
        for i in self.numbers(min(n, STOCK)):
            chance = random.Random(f"{kind}{i}")
            body = {
                "contents": filled(kind, POST_LETTERS, chance),
                "tags": [filled(kind, 50, chance) for _ in range(20)],
            }
            made.append(Request("POST", f"{API}/posts", sent(body), "star"))
        return made

    def _people(self, crowd: int, posts: int, n: int) -> Sequence[Request]:
        made = []
        for _ in range(min(n, STOCK)):
            one, token = self.join()
            self.tokens[str(one)] = token
            self.crowd(one, crowd, posts)
            made.append(Request("DELETE", f"{API}/users/{one}", None, str(one)))
        return made

    def _posts(self, who: str, contents: str, n: int) -> Sequence[Request]:
        ids = [
            self._made("POST", "/posts", {"contents": contents}, self.tokens[who])["id"] for _ in range(min(n, STOCK))
        ]
        return [Request("DELETE", f"{API}/posts/{one}", None, who) for one in ids]

    def _new_tokens(self, body: Mapping[str, Any], n: int) -> Sequence[Request]:
        """Of somebody new: an account has so many at most."""
        one, token = self.join()
        self.tokens[str(one)] = token
        return [Request("POST", f"{API}/me/tokens", sent(body), str(one))] * min(n, STOCK)

    def _tokens(self, n: int) -> Sequence[Request]:
        made = [self._made("POST", "/me/tokens", {"name": "costs"}, self.tokens["user"]) for _ in range(min(n, STOCK))]
        return [Request("DELETE", f"{API}/me/tokens/{one['id']}", None, "user") for one in made]

    def _removals(self, n: int) -> Sequence[Request]:
        for i in self.numbers(min(n, STOCK)):
            body = {"kind": "document", "subject": f"http://a.example/{self.mark}/{i}", "reason": "costs"}
            self._made("POST", "/removals", body, self.tokens["admin"])
        held = self._made("GET", "/removals", {}, self.tokens["admin"])["items"]
        ids = [one["id"] for one in held if f"/{self.mark}/" in one["subject"]]
        return [Request("DELETE", f"{API}/removals/{one}", None, "admin") for one in ids[: min(n, STOCK)]]

    def _targets(self, method: str, urls: int, n: int) -> Sequence[Request]:
        names = []
        for i in self.numbers(min(n, STOCK)):
            starts = [f"http://costs.example/{i}/{number}" for number in range(urls)]
            self._made("POST", "/crawl/targets", {**self._target(i), "start_urls": starts}, self.tokens["admin"])
            names.append(f"costs-{self.mark}-{i}")
        changed = self._target(0) | {"start_urls": starts} if method == "PUT" else {}
        return [
            Request(
                method,
                f"{API}/crawl/targets/{name}",
                sent(changed | {"name": name}) if changed else None,
                "admin",
            )
            for name in names
        ]

    def _followings(self, method: str, one: int, who: str, n: int) -> Sequence[Request]:
        """Somebody new each time; where she is left, followed before."""
        made = []
        for _ in range(min(n, STOCK)):
            path = f"/users/{one}/followings/{self.join()[0]}"
            if method == "DELETE":
                self._sent("PUT", path, self.tokens[who])
            made.append(Request(method, API + path, None, who))
        return made

    def _sent(self, method: str, path: str, token: str) -> None:
        connection = http.client.HTTPConnection(self.site, timeout=60)
        connection.request(method, API + path, headers={"Authorization": f"Bearer {token}"})
        connection.getresponse().read()
        connection.close()


def again(path: str, who: str, n: int) -> Sequence[Request]:
    """The same request: nothing in it can be another."""
    return [Request("GET", path, None, who)] * n


def sent(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False).encode()


def whose(of: Operation) -> str:
    """Whose token an operation is asked with."""
    path = of[1]
    if path == f"{API}/search" or any(part in path for part in ADMINS):  # who explains results administers
        return "admin"
    return "" if any(part in path for part in PUBLIC) and "/me/" not in path else "user"


def query(number: int) -> str:
    """A usual query that was not asked before: two words, and one that is new."""
    return f"{FREQUENT[number % len(FREQUENT)]} {FREQUENT[number // 7 % len(FREQUENT)]} w{number}"


def ago(hours: float, number: int) -> str:
    """A time so long ago, another one for each number."""
    return f"{datetime.now(UTC) - timedelta(hours=hours, milliseconds=number):%Y-%m-%dT%H:%M:%S.%fZ}"


def wide(more: Mapping[str, str], number: int) -> Mapping[str, Any]:
    return {"from": ago(24 * 365 * 20, number), **more}


def found(more: Mapping[str, str], number: int) -> Mapping[str, Any]:
    return {"q": query(number), "from": LONG_AGO, **more}


MORE: Mapping[Operation, Sequence[tuple[str, Values]]] = {
    ("GET", f"{API}/search"): [
        *((f"sorted by {sort}, from 2000 on", partial(found, {"sort": sort})) for sort in ("newest", "clicks")),
        ("explained, as administrators alone may ask", lambda number: {"q": query(number), "explain": "true"}),
        ("no words: everything", lambda number: {"q": None, "to": ago(-number, number)}),
        ("a hundred sites", lambda number: {"site": ",".join(f"s{number}-{i}.example" for i in range(100))[:1024]}),
    ],
    ("GET", f"{API}/stats/index"): [
        ("20 years by the hour", partial(wide, {"interval": "hour"})),
        ("20 years by the week", partial(wide, {"interval": "week"})),
    ],
    ("GET", f"{API}/stats/searches"): [("20 years by the hour", partial(wide, {"interval": "hour"}))],
    ("GET", f"{API}/stats/queries"): [("20 years, 500 queries", partial(wide, {"limit": "500"}))],
    ("GET", f"{API}/pipeline/history"): [
        (
            "a day of all stages",
            lambda number: {
                "from": ago(24, number),
                "series": SERIES,
            },
        ),
    ],
}
