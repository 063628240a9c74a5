"""Accounts on the real servers: links that a worker mails, sessions that end for every process, tokens, the end."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from dataclasses import replace

import httpx
import pytest

from riverline.accounts.tokens import ADMIN, digest_of, new_token
from riverline.model import Document
from riverline.search.contracts import Outcome
from riverline.services import Services
from riverline.settings import Settings
from tests.support.stack import awaited

WITHIN = 60.0
PAGE = {"Sec-Fetch-Site": "same-origin", "Accept": "text/html", "Accept-Language": "en"}


@pytest.fixture
def site(stack: Settings) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"http://{stack.api.site}", trust_env=False, timeout=30) as client:
        yield client


def address() -> str:
    return f"{uuid.uuid4().hex}@example.org"


def mailed(services: Services, to: str) -> str:
    """The secret of the link that was mailed there; what stands before it is the site's own address."""
    found: list[str] = []

    def has_come() -> bool:
        begin = re.escape(services.settings.link_address)
        for mail in services.kept_mail.newest():
            if mail.to == to and (link := re.search(rf"{begin}/login/(\S+)", mail.text)):
                found.append(link[1])
        return bool(found)

    awaited(has_come, WITHIN)
    return found[0]


def joined(site: httpx.Client) -> tuple[int, str, dict[str, str]]:
    person = {"email": address(), "name": "Sol"}
    made = site.post("/api/v1/users", json=person).raise_for_status().json()
    return made["id"], person["email"], {"Authorization": f"Bearer {made['token']}"}


def came_in(site: httpx.Client, services: Services, email: str) -> httpx.Client:
    """A browser of its own that came in by a mailed link."""
    browser = httpx.Client(base_url=site.base_url, trust_env=False, timeout=30, headers=PAGE)
    assert browser.post("/login", data={"email": email}).status_code == 200
    assert browser.post(f"/login/{mailed(services, email)}").headers["Location"] == "/feed"
    return browser


def statuses(browser: httpx.Client) -> set[int]:
    """What the page of the account answers, asked often enough to reach every process."""
    return {browser.get("/account").status_code for _ in range(12)}


def test_who_lost_everything_comes_back_by_a_mailed_link(site: httpx.Client, services: Services) -> None:
    user, email, _ = joined(site)
    assert site.post("/api/v1/login-links", json={"email": email.upper()}).status_code == 202
    secret = mailed(services, email.upper())
    made = site.post("/api/v1/tokens", json={"link": secret, "name": "back"})
    assert (made.status_code, made.json()["user_id"]) == (201, user)
    assert site.post("/api/v1/tokens", json={"link": secret}).status_code == 404


def test_an_account_is_made_by_a_mailed_link(site: httpx.Client, services: Services) -> None:
    email = address()
    site.post("/api/v1/login-links", json={"email": email, "name": "솔 🌞"})
    token = site.post("/api/v1/tokens", json={"link": mailed(services, email)}).json()["token"]
    me = site.get("/api/v1/me", headers={"Authorization": f"Bearer {token}"}).json()
    assert (me["user"]["name"], me["user"]["email"]) == ("솔 🌞", email)


def test_a_session_ends_for_every_process_at_once(site: httpx.Client, services: Services) -> None:
    _, email, token = joined(site)
    left = came_in(site, services, email)
    cookies = dict(left.cookies)
    assert statuses(left) == {200}
    left.post("/logout")
    left.cookies.update(cookies)
    assert statuses(left) == {401}
    left.close()
    other = httpx.Client(base_url=site.base_url, trust_env=False, timeout=30, headers=PAGE)
    secret = token["Authorization"].removeprefix("Bearer ")
    assert other.post("/login", data={"token": secret}).status_code == 303
    assert statuses(other) == {200}
    assert site.delete("/api/v1/me/sessions", headers=token).status_code == 204
    assert statuses(other) == {401}
    other.close()


def test_the_address_changes_and_the_account_ends(site: httpx.Client, services: Services) -> None:
    user, email, token = joined(site)
    new = address()
    assert site.put("/api/v1/me/email", json={"email": new}, headers=token).status_code == 202
    changed = site.post("/api/v1/tokens", json={"link": mailed(services, new)}).raise_for_status()
    own = {"Authorization": f"Bearer {changed.json()['token']}"}
    assert site.get("/api/v1/me", headers=own).json()["user"]["email"] == new
    awaited(lambda: any(mail.to == email for mail in services.kept_mail.newest()), WITHIN)  # the old one is told
    posted = site.post("/api/v1/posts", json={"contents": "안녕"}, headers=own).json()["id"]
    copy = site.get("/api/v1/me/export", headers=own).json()
    assert [post["id"] for post in copy["posts"]] == [posted] and len(copy["tokens"]) == 2
    assert site.delete(f"/api/v1/users/{user}", headers=own).status_code == 204
    assert site.get(f"/api/v1/users/{user}").status_code == 404


def test_a_new_token_reads_only_and_is_revoked_within_seconds(site: httpx.Client) -> None:
    _, _, token = joined(site)
    made = site.post("/api/v1/me/tokens", json={"scopes": ["read"]}, headers=token).json()
    reading = {"Authorization": f"Bearer {made['token']}"}
    assert site.get("/api/v1/me", headers=reading).status_code == 200
    assert site.post("/api/v1/posts", json={"contents": "x"}, headers=reading).status_code == 403
    assert site.delete(f"/api/v1/me/tokens/{made['id']}", headers=token).status_code == 204
    awaited(lambda: site.get("/api/v1/me", headers=reading).status_code == 401, WITHIN)


def test_a_site_that_was_taken_down_stays_out_of_the_index(site: httpx.Client, services: Services) -> None:
    host = f"{uuid.uuid4().hex[:10]}.example"
    url = f"https://{host}/a"
    page = Document(url, host, "Quay", "s", f"body of {url}", "article", crawled_at=services.now_ms())
    services.index.write([page], [])
    services.index.refresh()
    secret = new_token()
    services.tokens.add(digest_of(secret), None, [ADMIN], "take-down", None)
    admin = {"Authorization": f"Bearer {secret}"}
    wanted = {"kind": "site", "subject": host, "reason": "asked for"}
    assert site.post("/api/v1/removals", json=wanted, headers=admin).json()["removed"] == 1
    assert services.index.stored([url]) == {}
    [again] = services.index.write([replace(page, crawled_at=page.crawled_at + 1000)], [])  # it is crawled once more
    assert again.outcome is Outcome.WRITTEN
    services.index.refresh()
    services.take_down_office.keep_down()
    assert services.index.stored([url]) == {}
    [entry, *_] = site.get("/api/v1/audit-log?action=remove.site", headers=admin).json()["items"]
    assert (entry["subject"], entry["reason"]) == (host, "asked for")
    [held] = [one for one in site.get("/api/v1/removals", headers=admin).json()["items"] if one["subject"] == host]
    assert site.delete(f"/api/v1/removals/{held['id']}", headers=admin).status_code == 204
