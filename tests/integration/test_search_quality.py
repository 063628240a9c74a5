"""How good the search is, told from the real log: a search, a click on its result, and what the statistics say."""

from __future__ import annotations

import time
import uuid
from typing import Any

import httpx

from riverline.accounts.tokens import ADMIN, digest_of, new_token
from riverline.model import Document
from riverline.services import Services
from riverline.settings import Settings
from tests.support.stack import awaited

WAITED = 120.0  # seconds for tasks, and for the log to become visible


def test_a_click_is_told_with_what_was_searched_for(stack: Settings, services: Services) -> None:
    word, now = f"0quality{uuid.uuid4().hex[:8]}", time.time_ns() // 1_000_000
    url = f"https://quality.example/{word}"
    services.index.write([Document(url, "quality.example", word, word, word, "article", now)], [])
    services.index.refresh()
    secret = new_token()
    services.tokens.add(digest_of(secret), None, [ADMIN], "quality", None)
    with httpx.Client(base_url=f"http://{stack.api.site}/api/v1", trust_env=False, timeout=30) as client:
        for query in (word, word.upper()):
            assert client.get("/search", params={"q": query}).status_code == 200
        found = client.get("/search", params={"q": word, "site": "quality.example"}).json()
        assert [item["url"] for item in found["items"]] == [url]
        click = {"request_id": found["request_id"], "url": url, "position": 1}
        assert client.post("/search/clicks", json=click).json() == {"counted": True}

        def told() -> dict[str, dict[str, Any]]:
            query = {"from": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(now // 1000)), "limit": "500"}
            answer = client.get("/stats/queries", params=query, headers={"Authorization": f"Bearer {secret}"})
            items = {item["query"]: item for item in answer.raise_for_status().json()["items"]}
            return items if items.get(word, {}).get("clicked") and items[word]["searches"] == 3 else {}

        one = awaited(told, WAITED)[word]
    numbers = ("in_vain", "clicked", "unclicked", "position")
    assert [one[name] for name in numbers] == [0, 1, 2, 1.0]
    assert one["p50_ms"] is not None
