"""A steady load of posts, deletions, follows and unfollows through the API, and what was answered to it."""

from __future__ import annotations

import random
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx

AUTHORS, FANS = 4, 8
FOLLOWED = 3  # by each fan, on average


@dataclass
class Said:
    """What the API has answered. Every change that was not answered is asked for again until it is, but for posts: of
    those nobody knows whether they were made."""

    posts: dict[int, int] = field(default_factory=dict)  # the author of each post that was answered with 201
    deleted: set[int] = field(default_factory=set)
    followings: set[tuple[int, int]] = field(default_factory=set)  # (follower, followed)
    unanswered: int = 0
    errors: list[str] = field(default_factory=list)

    def timeline(self, user: int) -> set[int]:
        """The posts that belong to a user's timeline."""
        authors = {followed for follower, followed in self.followings if follower == user} | {user}
        return {post for post, author in self.posts.items() if author in authors and post not in self.deleted}


class FeedLoad(threading.Thread):
    """So many requests a second until it is told to stop. The first author is an influencer."""

    def __init__(self, site: str, rate: float) -> None:
        super().__init__(name="feed-load", daemon=True)
        self.client = httpx.Client(base_url=f"http://{site}/api/v1", timeout=10, trust_env=False)
        self.rate, self.chance, self.said = rate, random.Random(7), Said()
        self.tag = f"chaos{uuid.uuid4().hex[:12]}"
        self.tokens: dict[int, str] = {}
        self.users = [self._user() for _ in range(AUTHORS + FANS)]
        self.authors, self.fans = self.users[:AUTHORS], self.users[AUTHORS:]
        self._stopped = threading.Event()
        self._owed: list[Callable[[], bool]] = []
        self.longest_silence, self._answered = 0.0, time.monotonic()  # seconds without any answer, while it asked
        assert self.ask("PATCH", f"/users/{self.authors[0]}", self.authors[0], json={"influencer": True})
        for fan in self.fans:
            for author in self.chance.sample(self.authors, FOLLOWED):
                self._set_following(fan, author, True)
            assert self.timeline(fan) == [], "the timelines are cached from now on"

    def _user(self) -> int:
        answer = self.client.post("/users", json={"email": f"{uuid.uuid4().hex}@chaos.example", "name": "Chaos"})
        assert answer.status_code == 201, answer.text
        self.tokens[answer.json()["id"]] = answer.json()["token"]
        return int(answer.json()["id"])

    def ask(self, method: str, path: str, user: int, **more: Any) -> httpx.Response | None:
        """The answer, if there was one that says what has happened."""
        try:
            headers = {"Authorization": f"Bearer {self.tokens[user]}"}
            answer = self.client.request(method, path, headers=headers, **more)
        except httpx.HTTPError:
            return None
        if answer.status_code >= 500:
            return None
        self.longest_silence = max(self.longest_silence, time.monotonic() - self._answered)
        self._answered = time.monotonic()
        return answer

    def timeline(self, user: int) -> list[int]:
        """All ids of a user's timeline, page by page. Raises AssertionError when there is no answer."""
        found: list[int] = []
        cursor: str | None = ""
        while cursor is not None:
            more = {"cursor": cursor} if cursor else {}
            answer = self.ask("GET", "/posts", user, params={"user_id": user, "limit": 100, **more})
            assert answer is not None and answer.status_code == 200, answer
            found += [item["id"] for item in answer.json()["items"]]
            cursor = answer.json()["next_cursor"]
        return found

    def run(self) -> None:
        number, began = 0, time.monotonic()
        self.longest_silence, self._answered = 0.0, began
        while not self._stopped.is_set():
            self._something()
            number += 1
            self._stopped.wait(max(0.0, began + number / self.rate - time.monotonic()))

    def _something(self) -> None:
        what = self.chance.random()
        if what < 0.75:
            self._publish(self.chance.choice(self.authors))
        elif what < 0.85 and (left := sorted(self.said.posts.keys() - self.said.deleted)):
            self._remove(self.chance.choice(left))
        else:
            self._set_following(
                self.chance.choice(self.fans), self.chance.choice(self.authors), self.chance.random() < 0.6
            )

    def _publish(self, author: int) -> None:
        body = {"user_id": author, "contents": f"Chaos {uuid.uuid4().hex}", "tags": [self.tag], "locale": "en"}
        answer = self.ask("POST", "/posts", author, json=body)
        if answer is None:
            self.said.unanswered += 1
        elif answer.status_code == 201:
            self.said.posts[answer.json()["id"]] = author
        else:
            self.said.errors.append(answer.text)

    def _remove(self, post: int) -> None:
        self.said.deleted.add(post)  # it has been asked for, and is asked for until it is done
        path, author = f"/posts/{post}", self.said.posts[post]
        self._until_answered(lambda: self.ask("DELETE", path, author), (204, 404))

    def _set_following(self, fan: int, author: int, follows: bool) -> None:
        (self.said.followings.add if follows else self.said.followings.discard)((fan, author))
        path, method = f"/users/{fan}/followings/{author}", "PUT" if follows else "DELETE"
        self._until_answered(lambda: self.ask(method, path, fan), (204,))

    def _until_answered(self, ask: Callable[[], httpx.Response | None], wanted: tuple[int, ...]) -> None:
        """Now, or once the load has ended. A later one of the same kind about the same pair comes after it."""

        def answered() -> bool:
            answer = ask()
            if answer is not None and answer.status_code not in wanted:
                self.said.errors.append(answer.text)
            return answer is not None

        if self._owed or not answered():
            self._owed.append(answered)

    def end(self, seconds: float) -> None:
        """Stops, and asks for what is owed until it is answered."""
        self._stopped.set()
        self.join()
        deadline = time.monotonic() + seconds
        while self._owed:
            if self._owed[0]():
                self._owed.pop(0)
            else:
                assert time.monotonic() < deadline, "the API does not answer"
                time.sleep(0.2)
