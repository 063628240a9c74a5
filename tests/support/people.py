"""People at the API: they post, read their timelines and search, so often a second in sum."""

from __future__ import annotations

import itertools
import random
import threading
import time
from collections import Counter
from dataclasses import dataclass, field

import httpx

from riverline.settings import Settings

THREADS = 4
USERS = 20
FOLLOWED = 5
WORDS = ("바다", "산책", "김치", "등대", "library", "harbour", "running", "지하철", "coffee", "전시")
MIX = ("post", "read", "read", "read", "read", "search", "search", "search")  # in turn


@dataclass
class Account:
    id: int
    token: str


@dataclass
class Told:
    """What came of the requests. `posts` are the ids that were answered with 201; `errors` by status or exception."""

    posts: list[int] = field(default_factory=list)
    answered: Counter[str] = field(default_factory=Counter)
    errors: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)


def client(settings: Settings) -> httpx.Client:
    return httpx.Client(base_url=f"http://{settings.api.site}/api/v1", timeout=60, trust_env=False)


def joined(settings: Settings) -> list[Account]:
    """New people, each following some of the others."""
    with client(settings) as api:
        made = [api.post("/users", json=_newcomer(number)).raise_for_status().json() for number in range(USERS)]
        people = [Account(each["id"], each["token"]) for each in made]
        for at, person in enumerate(people):
            for step in range(1, FOLLOWED + 1):
                other = people[(at + step) % USERS]
                api.put(f"/users/{person.id}/followings/{other.id}", headers=_as(person)).raise_for_status()
    return people


def _newcomer(number: int) -> dict[str, str]:
    return {"email": f"soak-{time.time_ns():x}-{number}@example.org", "name": f"사람 {number}"}


def _as(person: Account) -> dict[str, str]:
    return {"authorization": f"Bearer {person.token}"}


class People:
    """Threads that ask until they are told to end; `rate` requests a second in sum, None as fast as answers come."""

    def __init__(self, settings: Settings, accounts: list[Account], rate: float | None) -> None:
        self.settings, self.accounts, self.rate = settings, accounts, rate
        self.told = Told()
        self._ended = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=(number,), daemon=True) for number in range(THREADS)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        self._ended.set()
        for thread in self._threads:
            thread.join()

    def _run(self, number: int) -> None:
        chance, began = random.Random(number), time.monotonic()
        with client(self.settings) as api:
            for count in itertools.count():
                if self._ended.is_set():
                    return
                self._ask(api, MIX[count % len(MIX)], chance)
                if self.rate:
                    self._ended.wait(max(0.0, began + (count + 1) * THREADS / self.rate - time.monotonic()))

    def _ask(self, api: httpx.Client, what: str, chance: random.Random) -> None:
        person, word = chance.choice(self.accounts), chance.choice(WORDS)
        try:
            if what == "post":
                body = {"user_id": person.id, "contents": f"{word} {chance.random()}", "tags": [word]}
                answer = api.post("/posts", json=body, headers=_as(person))
            elif what == "read":
                answer = api.get("/posts", params={"user_id": person.id}, headers=_as(person))
            else:
                answer = api.get("/search", params={"q": word})
        except httpx.HTTPError as error:
            with self.told.lock:
                self.told.errors[type(error).__name__] += 1
            return
        with self.told.lock:
            if answer.is_success:
                self.told.answered[what] += 1
                if what == "post":
                    self.told.posts.append(answer.json()["id"])
            else:
                self.told.errors[f"{what}: {answer.status_code}"] += 1
