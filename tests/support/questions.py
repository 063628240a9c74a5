"""What the API is asked during an outage: every operation of its description, its pages, its health and metrics."""

from __future__ import annotations

import itertools
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

from riverline.accounts.contracts import Tokens
from riverline.accounts.tokens import ADMIN, digest_of, new_token
from riverline.settings import Settings

API = "/api/v1"
POOL = 12  # things that may be deleted in one outage
WAIT = 30.0  # seconds after which an answer is taken for none
KEPT_WORD = "바다"
HTML = {"accept": "text/html"}


class Visitor:
    """A user, an administrator, and what they have made to ask about. Its client may be used by several threads."""

    def __init__(self, settings: Settings, tokens: Tokens) -> None:
        self.client = httpx.Client(base_url=f"http://{settings.api.site}", timeout=WAIT, trust_env=False)
        self.numbers, self.stamp = itertools.count(), f"{time.time_ns():x}"
        secret = new_token()
        tokens.add(digest_of(secret), None, (ADMIN,), "answers", None)
        self.admin = {"authorization": f"Bearer {secret}"}
        self.id, self.own = self.joined()
        self.other, _ = self.joined()
        self.post = self.posted()
        self.posts: deque[int] = deque()
        self.leavers: deque[tuple[int, dict[str, str]]] = deque()
        self.targets: deque[str] = deque()
        self.target = self.added()

    def unique(self) -> str:
        return f"{self.stamp}{next(self.numbers)}"

    def made(self, path: str, headers: dict[str, str], body: Any) -> Any:
        return self.client.post(API + path, json=body, headers=headers).raise_for_status().json()

    def joined(self) -> tuple[int, dict[str, str]]:
        user = self.made("/users", {}, self.newcomer())
        return user["id"], {"authorization": f"Bearer {user['token']}"}

    def newcomer(self) -> dict[str, str]:
        return {"email": f"{self.unique()}@answers.example", "name": "Answers"}

    def posted(self) -> int:
        return int(self.made("/posts", self.own, self.text())["id"])

    def text(self) -> dict[str, Any]:
        return {"user_id": self.id, "contents": f"{KEPT_WORD} {self.unique()}", "tags": ["answers"], "locale": "ko-KR"}

    def added(self) -> str:
        return str(self.made("/crawl/targets", self.admin, self.definition(self.unique()))["name"])

    def definition(self, name: str) -> dict[str, Any]:
        return {"name": name, "start_urls": [f"http://{name}.answers.example/"], "enabled": False}

    def supply(self) -> None:
        """Fills up what is used up by deleting it."""
        while len(self.posts) < POOL:
            self.posts.append(self.posted())
        while len(self.leavers) < POOL:
            self.leavers.append(self.joined())
        while len(self.targets) < POOL:
            self.targets.append(self.added())

    def searched(self) -> dict[str, str] | None:
        """A click on what a search has shown; nothing while nothing is found, or a server that has just started does
        not answer."""
        answer = self.get("/search", q=KEPT_WORD)
        if answer.status_code == 503:
            return None
        found = answer.raise_for_status().json()
        return {"request_id": found["request_id"], "url": found["items"][0]["url"]} if found["items"] else None

    def get(self, path: str, headers: dict[str, str] | None = None, **parameters: Any) -> httpx.Response:
        return self.client.get(API + path, params=parameters, headers=headers or {})

    def send(self, method: str, path: str, headers: dict[str, str], body: Any = None) -> httpx.Response:
        return self.client.request(method, API + path, json=body, headers=headers)

    def used_up(self, pool: deque[Any], ask: Callable[[Any], httpx.Response]) -> httpx.Response | None:
        """Deletes one of a pool, which keeps it unless that was done; no answer when the pool is empty."""
        try:
            one = pool.popleft()
        except IndexError:
            return None
        answer = ask(one)
        if not answer.is_success:
            pool.append(one)
        return answer


@dataclass(frozen=True)
class Question:
    """`needs`: roles without which the answer is 503; `prefers`: without which it may be."""

    name: str
    ask: Callable[[Visitor], httpx.Response | None]
    needs: frozenset[str] = frozenset()
    prefers: frozenset[str] = frozenset()
    normal: tuple[int, ...] = (200,)
    operation: str = field(default="")

    @property
    def of(self) -> str:
        """The operation of the API's description, or the page."""
        return self.operation or self.name

    def allowed(self, away: frozenset[str], shaken: frozenset[str]) -> tuple[int, ...]:
        if self.needs & away:
            return (503,)
        return (*self.normal, 503) if self.prefers & away or (self.needs | self.prefers) & shaken else self.normal


def _set(*roles: str) -> frozenset[str]:
    return frozenset(roles)


def _clicked(visitor: Visitor, click: dict[str, str]) -> httpx.Response:
    return visitor.send("POST", "/search/clicks", {}, {**click, "position": 1})


NO_LETTER = {"records": [{"partition": 0, "offset": 1 << 40}]}


def _replayed(visitor: Visitor) -> httpx.Response:
    return visitor.send("POST", "/dead-letters/replays", visitor.admin, NO_LETTER)


def _dismissed(visitor: Visitor) -> httpx.Response:
    return visitor.send("POST", "/dead-letters/dismissals", visitor.admin, NO_LETTER)


def _once(visitor: Visitor) -> httpx.Response:
    headers = {**visitor.own, "idempotency-key": visitor.unique().rjust(16, "k")}
    return visitor.send("POST", "/posts", headers, visitor.text())


def questions(click: dict[str, str]) -> list[Question]:
    """`click`: on a result that a search has shown before."""
    index, mysql, primary = _set("index"), _set("mysql"), _set("primary", "mysql")
    user, admin = "/users/{0.id}", lambda path: lambda v: v.get(path, v.admin)

    def of_user(rest: str) -> Callable[[Visitor], httpx.Response]:
        return lambda v: v.get(user.format(v) + rest)

    def following(method: str) -> Callable[[Visitor], httpx.Response]:
        return lambda v: v.send(method, f"/users/{v.id}/followings/{v.other}", v.own)

    return [
        Question("GET /search, asked before", lambda v: v.get("/search", q=KEPT_WORD), operation="GET /search"),
        Question("GET /search, new", lambda v: v.get("/search", q=v.unique()), index, operation="GET /search"),
        Question("GET /search/suggest", lambda v: v.get("/search/suggest", q="바"), index),
        Question("GET /search/popular", lambda v: v.get("/search/popular"), prefers=index),
        Question("POST /search/clicks", lambda v: _clicked(v, click), _set("redis"), normal=(202,)),
        Question("GET /stats/index", lambda v: v.get("/stats/index"), index),
        Question("GET /stats/searches", admin("/stats/searches"), index | mysql),
        Question("GET /stats/queries", admin("/stats/queries"), index | mysql),
        Question("GET /pipeline", lambda v: v.get("/pipeline"), prefers=_set("kafka") | index),
        Question("GET /pipeline/history", lambda v: v.get("/pipeline/history"), mysql | {"redis"}),
        Question("GET /crawl/fates", lambda v: v.get("/crawl/fates"), index),
        Question("GET /dead-letters", admin("/dead-letters"), mysql),
        # nobody has that letter: a primary that only reads can say so
        Question("POST /dead-letters/replays", _replayed, _set("kafka"), prefers=primary),
        Question("POST /dead-letters/dismissals", _dismissed, _set("kafka"), prefers=primary),
        Question("GET /alerts", admin("/alerts"), mysql),
        Question("POST /users", lambda v: v.send("POST", "/users", {}, v.newcomer()), primary, normal=(201,)),
        *_own(mysql, primary),
        Question("GET /users", lambda v: v.get("/users", q="Answers"), mysql),
        Question("GET /me", lambda v: v.get("/me", v.own), mysql, prefers=primary),
        Question("GET /users/{user_id}", of_user(""), mysql),
        Question(
            "PATCH /users/{user_id}",
            lambda v: v.send("PATCH", user.format(v), v.own, {"influencer": False}),
            primary,
        ),
        Question(
            "DELETE /users/{user_id}",
            lambda v: v.used_up(v.leavers, lambda one: v.send("DELETE", f"/users/{one[0]}", one[1])),
            primary,
            normal=(204,),
        ),
        Question("PUT /users/{user_id}/followings/{other_id}", following("PUT"), primary, normal=(204,)),
        Question("DELETE /users/{user_id}/followings/{other_id}", following("DELETE"), primary, normal=(204,)),
        Question("GET /users/{user_id}/followings", of_user("/followings"), mysql),
        Question("GET /users/{user_id}/followers", of_user("/followers"), mysql),
        Question("GET /users/{user_id}/posts", of_user("/posts"), mysql),
        Question("GET /posts", lambda v: v.get("/posts", v.own, user_id=v.id), mysql),
        Question("POST /posts", lambda v: v.send("POST", "/posts", v.own, v.text()), primary, normal=(201,)),
        Question(
            "POST /posts, once by its key",
            _once,
            primary | {"redis", "redis writes"},
            normal=(201,),
            operation="POST /posts",
        ),
        Question("GET /posts/{post_id}", lambda v: v.get(f"/posts/{v.post}"), mysql),
        Question(
            "DELETE /posts/{post_id}",
            lambda v: v.used_up(v.posts, lambda one: v.send("DELETE", f"/posts/{one}", v.own)),
            primary,
            normal=(204,),
        ),
        Question("GET /crawl/targets", admin("/crawl/targets"), mysql),
        Question(
            "POST /crawl/targets",
            lambda v: v.send("POST", "/crawl/targets", v.admin, v.definition(v.unique())),
            primary,
            normal=(201,),
        ),
        Question("GET /crawl/targets/{name}", lambda v: v.get(f"/crawl/targets/{v.target}", v.admin), mysql),
        Question(
            "PUT /crawl/targets/{name}",
            lambda v: v.send("PUT", f"/crawl/targets/{v.target}", v.admin, v.definition(v.target)),
            primary,
        ),
        Question(
            "DELETE /crawl/targets/{name}",
            lambda v: v.used_up(v.targets, lambda one: v.send("DELETE", f"/crawl/targets/{one}", v.admin)),
            primary,
            normal=(204,),
        ),
        Question("GET /outbox", admin("/outbox"), mysql),
        Question(
            "POST /outbox/retries",
            lambda v: v.send("POST", "/outbox/retries", v.admin, {"ids": [1 << 40]}),
            primary,
        ),
        *_administering(index, mysql, primary),
        *(_plain(path) for path in ("/health/live", "/metrics")),
        Question("GET /health/ready", lambda v: v.client.get("/health/ready"), normal=(200, 503)),
        Question("page /", lambda v: v.client.get("/", headers=HTML)),
        Question("page /?q=, new", lambda v: v.client.get("/", params={"q": v.unique()}, headers=HTML), index),
        Question("page /people/{id}", lambda v: v.client.get(f"/people/{v.id}", headers=HTML), mysql),
        Question("page /statistics", lambda v: v.client.get("/statistics", headers=HTML), index, mysql),
        Question(
            "page /pipeline",
            lambda v: v.client.get("/pipeline", headers=HTML),
            prefers=_set("kafka", "redis") | index | mysql,
        ),
    ]


def _administering(index: frozenset[str], mysql: frozenset[str], primary: frozenset[str]) -> list[Question]:
    """Take-downs, and who did what."""

    def removed(visitor: Visitor) -> httpx.Response:
        wanted = {"kind": "document", "subject": "https://answers.example/absent", "reason": "answers"}
        return visitor.send("POST", "/removals", visitor.admin, wanted)

    def lifted(visitor: Visitor) -> httpx.Response:
        return visitor.send("DELETE", f"/removals/{1 << 40}", visitor.admin)

    return [
        Question("POST /removals", removed, primary, normal=(201,)),
        Question("GET /removals", lambda v: v.get("/removals", v.admin), mysql, prefers=primary),
        Question("DELETE /removals/{removal_id}", lifted, primary, normal=(404,)),
        Question("GET /audit-log", lambda v: v.get("/audit-log", v.admin), mysql, prefers=primary),
    ]


def _own(mysql: frozenset[str], primary: frozenset[str]) -> list[Question]:
    """About the visitor's own account. Links are mailed by a worker, so that nothing but the limits is asked."""
    link, made = {"link": "that-nobody-was-sent"}, {"name": "answers", "days": 1}

    def revoked(visitor: Visitor) -> httpx.Response:
        return visitor.send("DELETE", f"/me/tokens/{1 << 40}", visitor.own)

    return [
        Question(
            "POST /login-links",
            lambda v: v.send("POST", "/login-links", {}, {"email": v.newcomer()["email"]}),
            normal=(202,),
        ),
        Question("POST /tokens", lambda v: v.send("POST", "/tokens", {}, link), primary, normal=(404,)),
        Question("GET /me/tokens", lambda v: v.get("/me/tokens", v.own), mysql, prefers=primary),
        Question("POST /me/tokens", lambda v: v.send("POST", "/me/tokens", v.own, made), primary, normal=(201, 409)),
        Question("DELETE /me/tokens/{token_id}", revoked, mysql, prefers=primary, normal=(404,)),
        Question(
            "PUT /me/email",
            lambda v: v.send("PUT", "/me/email", v.own, {"email": v.newcomer()["email"]}),
            mysql,
            prefers=primary,
            normal=(202,),
        ),
        Question("DELETE /me/sessions", lambda v: v.send("DELETE", "/me/sessions", v.own), primary, normal=(204,)),
        Question("GET /me/export", lambda v: v.get("/me/export", v.own), mysql, prefers=primary),
    ]


def _plain(path: str) -> Question:
    return Question(f"GET {path}", lambda v: v.client.get(path))
